import MeshConnection
import MeshCore
import MeshMultiformats
import NIOCore

extension Swarm {
    /// Connects to `peer`, or to whoever answers when it is nil, and reports once.
    ///
    /// An open connection is used again, a dial that is under way is joined. A manual dial ignores the back-off
    /// of addresses that failed lately.
    public func connect(
        _ peer: PeerID?, addresses: [Multiaddr], isManual: Bool, completion: @escaping DialCompletion
    ) {
        guard !isShutDown else { return completion(.failure(DialFailure(kind: .limit, attempts: []))) }
        if let peer {
            guard peer != peerID else {
                return completion(.failure(DialFailure(kind: .ownAddress, attempts: [])))
            }
            if let connection = connection(to: peer) {
                return completion(
                    .success(DialSuccess(connection: connection, attempts: [], wasOpen: true)))
            }
        }
        let key = peer.map(DialKey.peer) ?? .addresses(addresses)
        if let dial = dials[key] { return dial.add(completion) }
        guard dials.count < configuration.maximumDials else {
            return completion(.failure(DialFailure(kind: .limit, attempts: [])))
        }
        let dial = SwarmDial(swarm: self, key: key, peer: peer, isManual: isManual, completion: completion)
        dials[key] = dial
        resolve(addresses, for: peer) { addresses in dial.start(addresses) }
    }

    /// Reports the end of a handshake to the dial that asked for it.
    func dialFinished(_ connection: PeerConnection, _ error: ConnectionError?) {
        guard let (dial, index) = dialNumbers.removeValue(forKey: connection.number) else { return }
        if connection.info != nil, error == nil {
            dial.succeeded(index, connection)
        } else {
            dial.failed(index, error)
        }
    }

    /// Replaces `/dnsaddr` addresses by what their TXT records say.
    private func resolve(
        _ addresses: [Multiaddr], for peer: PeerID?, completion: @escaping ([Multiaddr]) -> Void
    ) {
        guard addresses.contains(where: { $0.dnsaddrName != nil }) else { return completion(addresses) }
        DNSAddrQuery(addresses: addresses, peer: peer, resolver: resolver, loop: loop, completion: completion)
            .start()
    }
}
