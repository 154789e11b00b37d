import MeshConnection
import MeshCore
import MeshMultiformats
import NIOCore

extension Swarm {
    /// Connects to `peer`, or to whoever answers when it is nil, and reports once.
    ///
    /// An open connection is used again, unless `reusesOpen` is false, and a dial that is under way is joined. A
    /// manual dial ignores the back-off of addresses that failed lately. Addresses of Noise datagrams are left out:
    /// there is no stream to be had there.
    public func connect(
        _ peer: PeerID?, addresses: [Multiaddr], isManual: Bool, reusesOpen: Bool = true,
        completion: @escaping DialCompletion
    ) {
        guard !isShutDown else { return completion(.failure(DialError(.limit))) }
        if let peer {
            guard peer != peerID else { return completion(.failure(DialError(.ownAddress))) }
            if reusesOpen, let connection = connection(to: peer) {
                return completion(
                    .success(DialSuccess(connection: connection, attempts: [], wasOpen: true)))
            }
        }
        let key = peer.map(DialKey.peer) ?? .addresses(addresses)
        if let dial = dials[key] { return dial.add(completion) }
        guard dials.count < configuration.maximumDials else {
            return completion(.failure(DialError(.limit)))
        }
        let dial = SwarmDial(swarm: self, key: key, peer: peer, isManual: isManual, completion: completion)
        dials[key] = dial
        resolve(addresses.filter { !$0.isNoiseDatagram }) { addresses in dial.start(addresses) }
    }

    /// Reports the end of a handshake to the dial that asked for it.
    func dialFinished(_ connection: PeerConnection, _ error: ConnectionError?) {
        guard let (dial, index) = dialNumbers.removeValue(forKey: connection.number) else { return }
        if connection.info != nil, connection.isOpen {
            dial.succeeded(index, connection)
        } else {
            dial.failed(index, DialFailure(error, expected: dial.peer))
        }
    }

    /// Reports to the dial that a limit of this node refused its connection.
    func dialRefused(_ connection: PeerConnection, _ reason: String) {
        guard let (dial, index) = dialNumbers.removeValue(forKey: connection.number) else { return }
        dial.failed(index, .connection(code: 0, reason: reason))
    }

    /// Replaces `/dnsaddr` addresses by what their TXT records say.
    private func resolve(_ addresses: [Multiaddr], completion: @escaping ([Multiaddr]) -> Void) {
        guard addresses.contains(where: { $0.dnsaddrName != nil }) else { return completion(addresses) }
        DNSAddrQuery(resolver: resolver, loop: loop, completion: completion).start(addresses)
    }
}

extension DialFailure {
    /// What a connection that did not get ready means for its address.
    init(_ error: ConnectionError?, expected: PeerID?) {
        switch error {
        case nil: self = .closed
        case .endOfStream: self = .closed
        case .noise(.wrongPeer(let expected, let actual)):
            self = .wrongPeer(expected: expected, actual: actual)
        case .handshakeTimeout(_, let limit): self = .timedOut(after: limit)
        case .some(let error): self = .handshake(reason: "\(error)")
        }
    }

    /// What a transport's error means for the address.
    init(_ error: any Error) {
        switch error {
        case TransportError.timedOut(let timeout): self = .timedOut(after: timeout)
        case TransportError.socket(_, let code, let reason): self = .connection(code: code, reason: reason)
        case TransportError.unresolved(let host, _): self = .nameNotFound(host)
        case TransportError.unsupportedAddress: self = .unsupported
        default: self = .connection(code: 0, reason: "\(error)")
        }
    }
}
