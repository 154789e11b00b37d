import MeshConnection
import MeshCore
import MeshMultiformats
import NIOCore

/// Says who we are, and asks who the peers are.
///
/// Source: libp2p/specs identify/README.md.
final class IdentifyService {
    unowned let swarm: Swarm
    private var sequence: UInt64 = 0
    private var cache: (addresses: [Multiaddr], envelope: [UInt8])?

    init(swarm: Swarm) {
        self.swarm = swarm
    }

    /// Answers an inbound identify stream: one message, then the end.
    func answer(_ stream: MeshStream) -> any StreamHandler {
        IdentifySender(parts: message(for: stream.connection).encodeParts())
    }

    /// Takes what the peer pushes.
    func receivePush(on connection: PeerConnection) -> any StreamHandler {
        IdentifyReceiver { [weak self, weak connection] message in
            guard let self, let connection, let message else { return }
            self.took(message, from: connection)
        }
    }

    /// Asks the peer of a new connection.
    func ask(_ connection: PeerConnection) {
        let receiver = IdentifyReceiver { [weak self, weak connection] message in
            guard let self, let connection else { return }
            self.took(message ?? IdentifyMessage(), from: connection)
        }
        guard let stream = connection.openStream([IdentifyConfiguration.protocolID], handler: receiver) else {
            return
        }
        stream.finish()
        let bound = NIOLoopBound((receiver, stream), eventLoop: swarm.loop)
        swarm.loop.scheduleTask(in: .nanoseconds(swarm.configuration.identifyTimeout.wholeNanoseconds)) {
            let (receiver, stream) = bound.value
            if !receiver.isDone { stream.reset() }
        }
    }

    /// Tells every peer that wants to know what has changed.
    func pushToAll(_ connections: [PeerConnection]) {
        for connection in connections
        where connection.identify?.protocols.contains(IdentifyConfiguration.pushProtocolID) == true {
            let sender = IdentifySender(parts: message(for: connection).encodeParts())
            if let stream = connection.openStream([IdentifyConfiguration.pushProtocolID], handler: sender) {
                sender.send(stream)
            }
        }
    }

    private func took(_ message: IdentifyMessage, from connection: PeerConnection) {
        guard let peer = connection.peer, (try? message.checkKey(against: peer)) != nil else { return }
        connection.identify = message
        swarm.onEvent(.identified(connection))
    }

    private func message(for connection: PeerConnection?) -> IdentifyMessage {
        let addresses = swarm.advertisedAddresses
        var message = IdentifyMessage()
        message.publicKey = swarm.identity.publicKey
        message.listenAddresses = addresses
        message.protocols = swarm.protocolIDs
        message.observedAddress = connection?.remoteAddress
        message.protocolVersion = swarm.configuration.protocolVersion
        message.agentVersion = swarm.configuration.agentVersion
        message.signedPeerRecord = signedRecord(addresses)
        return message
    }

    /// The signature is made when the addresses change, not for every peer.
    private func signedRecord(_ addresses: [Multiaddr]) -> [UInt8] {
        if let cache, cache.addresses == addresses { return cache.envelope }
        sequence = max(sequence + 1, swarm.unixTime().seconds)
        let record = PeerRecord(peerID: swarm.peerID, sequence: sequence, addresses: addresses)
        let envelope = record.sealed(by: swarm.identity)
        cache = (addresses, envelope)
        return envelope
    }
}

/// Writes one identify message and ends the stream.
private final class IdentifySender: StreamHandler {
    private let parts: [[UInt8]]
    private var hasSent = false

    init(parts: [[UInt8]]) {
        self.parts = parts
    }

    func send(_ stream: MeshStream) {
        guard !hasSent else { return }
        hasSent = true
        for part in parts { stream.writeDelimited(part) }
        stream.finish()
    }

    func accepted(_ stream: MeshStream) {
        send(stream)
    }

    func received(_ bytes: RawSpan, on stream: MeshStream) {}
}

/// Collects the parts of one identify message until the stream ends.
private final class IdentifyReceiver: StreamHandler {
    private var decoder = IdentifyDecoder()
    private var completion: ((IdentifyMessage?) -> Void)?

    init(completion: @escaping (IdentifyMessage?) -> Void) {
        self.completion = completion
    }

    var isDone: Bool { completion == nil }

    func received(_ bytes: RawSpan, on stream: MeshStream) {
        do {
            try decoder.receive(bytes)
        } catch {
            report(nil)
            stream.reset()
        }
    }

    func ended(_ stream: MeshStream) {
        report(try? decoder.finish())
        stream.finish()
    }

    func closed(_ stream: MeshStream, reason: StreamCloseReason) {
        report(nil)
    }

    private func report(_ message: IdentifyMessage?) {
        completion?(message)
        completion = nil
    }
}
