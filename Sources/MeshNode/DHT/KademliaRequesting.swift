import MeshConnection
import MeshCore
import MeshDHT
import MeshMultiformats
import MeshTransport

/// How requests reach peers: in datagrams if the peer takes them, else over streams.
extension KademliaDriver {
    /// How long a request may take before its stream is given up.
    ///
    /// Source: go-libp2p-kad-dht, 10 s.
    private static let requestTimeout: Duration = .seconds(10)

    func send(_ message: KadMessage, to peer: PeerID, token: RequestToken?) {
        ask(message, of: peer) { [weak self] answer in
            guard let self, let token else { return }
            self.handle(answer.map { .response($0, from: peer, token: token) } ?? .failure(token, from: peer))
        }
    }

    /// Asks the peer and reports its answer once, nil when there is none; the answer to what is not answered is the
    /// request.
    func ask(_ message: KadMessage, of peer: PeerID, completion: @escaping (KadMessage?) -> Void) {
        let known = addresses.addresses(of: peer)
        let connection = swarm.connection(to: peer)
        let hasStream = connection != nil || known.contains { !$0.isNoiseDatagram }
        guard let route = carrier.route(to: peer, known: known, hasStream: hasStream) else {
            return askOverStream(message, of: peer, completion: completion)
        }
        carrier.request(message, to: peer, addresses: route) { [weak self] outcome in
            guard let self, !self.isStopped else { return completion(nil) }
            switch outcome {
            case .answered(let answer):
                completion(answer)
            case .refused(.tooLarge) where hasStream:
                self.askOverStream(message, of: peer, completion: completion)
            case .unreachable(let failure) where hasStream:
                // Our own limit says nothing about the way to the peer.
                if failure != .limit { self.carrier.giveUp(peer, failure) }
                self.askOverStream(message, of: peer, completion: completion)
            case .refused, .unreachable:
                completion(nil)
            }
        }
    }

    // MARK: Streams

    private func askOverStream(
        _ message: KadMessage, of peer: PeerID, completion: @escaping (KadMessage?) -> Void
    ) {
        if let connection = swarm.connection(to: peer) {
            return ask(message, over: connection, of: peer, mayDial: true, completion: completion)
        }
        dialAndAsk(message, of: peer, completion: completion)
    }

    private func dialAndAsk(
        _ message: KadMessage, of peer: PeerID, completion: @escaping (KadMessage?) -> Void
    ) {
        swarm.connect(peer, addresses: addresses.addresses(of: peer), isManual: false) { [weak self] result in
            guard let self, case .success(let dialled) = result else { return completion(nil) }
            self.ask(message, over: dialled.connection, of: peer, mayDial: false, completion: completion)
        }
    }

    /// With `mayDial`, a connection that the peer closed under the request is replaced by a new one.
    private func ask(
        _ message: KadMessage, over connection: PeerConnection, of peer: PeerID, mayDial: Bool,
        completion: @escaping (KadMessage?) -> Void
    ) {
        let client = client(connection)
        guard message.kind.isAnswered else {
            return client.send(message.encoded()) { result in
                switch result {
                case .success: completion(message)
                case .failure: completion(nil)
                }
            }
        }
        client.request(message.encoded()) { [weak self] result in
            switch result {
            case .failure(.closed(.connectionLost)) where mayDial, .failure(.noStream) where mayDial:
                guard let self else { return completion(nil) }
                self.dialAndAsk(message, of: peer, completion: completion)
            case .failure:
                completion(nil)
            case .success(let bytes):
                let answer = try? KadMessage.decode(bytes.span.bytes)
                completion(answer?.kind == message.kind ? answer : nil)
            }
        }
    }

    private func client(_ connection: PeerConnection) -> RequestClient {
        if let client = clients[connection.number] { return client }
        let client = RequestClient(
            connection: connection, protocolID: protocolID, messageLimit: KadMessage.maximumResponseByteCount,
            timeout: Self.requestTimeout, loop: swarm.loop)
        clients[connection.number] = client
        return client
    }

    // MARK: Datagram sessions

    /// Has the service of the node's sockets tell this driver.
    func takeDatagrams(_ service: DatagramService) {
        service.onRequest = { [weak self] bytes, peer, token in self?.serve(bytes, from: peer, token: token) }
        service.onEstablished = { [weak self] info in self?.established(info) }
        service.onMoved = { [weak self] peer, address in self?.carrier.moved(peer, to: address) }
        service.onClosed = { [weak self] peer in
            self?.carrier.closed(peer)
            self?.noteIfGone(peer)
        }
    }

    /// A handshake says what identify says over streams.
    private func established(_ info: DatagramSessionInfo) {
        guard !isStopped else { return }
        carrier.established(info)
        var listed = info.addresses
        if let observed = info.address.multiaddr {
            if info.isInitiator {
                // It answered there: better than what it says of itself.
                listed.removeAll { $0 == observed }
                listed.insert(observed, at: 0)
            } else if info.servesKad, !listed.contains(observed) {
                // Through a NAT this may be the only address that is any good.
                listed.append(observed)
            }
        }
        addresses.learn(listed, of: info.peer)
        if info.isInitiator, let first = listed.first { addresses.succeeded(first, of: info.peer) }
        // A server that we asked enters the table by its answer; a check would only ask it once more.
        if !info.isInitiator || !info.servesKad { identified(info.peer, listed, servesKad: info.servesKad) }
    }

    private func identified(_ peer: PeerID, _ listed: [Multiaddr], servesKad: Bool) {
        run { machine, now, generator, effects in
            machine.peerIdentified(
                peer, addresses: listed, servesKad: servesKad, now: now, using: &generator, into: &effects)
        }
    }

    /// Makes a session with the peer, unless there is one, and lets it into the table if it serves; reports the
    /// failure, if any.
    func ping(_ peer: PeerID, addresses: [Multiaddr], completion: @escaping (DatagramFailure?) -> Void) {
        carrier.ping(peer, addresses: addresses) { [weak self] failure in
            guard let self, !self.isStopped else { return completion(failure) }
            if failure == nil, self.carrier.servesKad(peer) {
                self.identified(peer, self.addresses.addresses(of: peer), servesKad: true)
            }
            completion(failure)
        }
    }

    // MARK: Traces

    /// The step with the address over which its peer is reached now, as far as that is known.
    func withUsedAddress(_ step: QueryStep) -> QueryStep {
        let peer = step.peer.id
        let used =
            carrier.address(of: peer) ?? swarm.connection(to: peer)?.remoteAddress
            ?? addresses.addresses(of: peer).first
        guard let used else { return step }
        var step = step
        step.peer = step.peer.withAddresses([used])
        return step
    }
}
