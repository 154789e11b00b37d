import MeshConnection
import MeshCore
import MeshCrypto
import MeshMultiformats

/// A peer with a proper session that sends whatever frames the input says, from wherever and in any order.
enum DatagramSessionFuzz {
    static func run(_ input: [UInt8]) throws {
        var rng = SeededGenerator(seed: 7)
        var now = Instant(nanoseconds: 1 << 40)
        let node = DatagramFuzzNode(FuzzKeys.own, using: &rng)
        guard let peer = try DatagramFuzzPeer.connect(to: node, now: now, using: &rng) else {
            return try promise(false, "a proper handshake gives a session")
        }
        node.proven.insert(DatagramFuzzNode.address(0))
        var parts = FuzzInput(input)
        while !parts.isEmpty {
            let command = parts.byte()
            var datagrams: [(DatagramAddress, [UInt8])] = []
            switch command & 7 {
            case 0, 1, 2:
                let frames = parts.take(Int(parts.byte()) << (command & 7 == 2 ? 3 : 0))
                let skip = command & 7 == 1 ? Int(parts.byte()) << 4 : 0
                let packet = peer.seal(frames, skip: skip)
                if command & 8 != 0 { peer.held.append(packet) }
                let from = DatagramFuzzNode.address(command >> 4)
                datagrams = try node.receive(packet, from: from, now: now, using: &rng)
            case 3:
                // An old packet again: nothing is handed up twice.
                guard let old = peer.held.popLast() else { continue }
                let before = node.tokens.count
                datagrams = try node.receive(
                    old, from: DatagramFuzzNode.address(command >> 4), now: now, using: &rng)
                try promise(node.tokens.count == before, "a replayed packet hands nothing up")
            case 4:
                datagrams = try node.respond(
                    byteCount: 1 + Int(parts.byte()) * 37, now: now, using: &rng)
            case 5:
                let message = [UInt8](repeating: 1, count: 1 + Int(parts.byte()) * 10)
                datagrams = try node.request(
                    message, to: peer.peerID, at: [DatagramFuzzNode.address(0)], now: now, using: &rng)
            case 6:
                now = now + .milliseconds(Int(parts.byte()) << Int(command >> 4 & 7))
                datagrams = try node.advance(now: now, using: &rng)
            default:
                // The proof that the node asked for last.
                guard let challenge = peer.challenge else { continue }
                let from = DatagramFuzzNode.address(command >> 4)
                datagrams = try node.receive(
                    peer.seal([0x05] + challenge, skip: 0), from: from, now: now, using: &rng)
            }
            peer.read(datagrams)
            if node.tokens.count > 100 { node.tokens.removeFirst(50) }
        }
        _ = try node.close()
    }
}

/// The initiator of a session, written with nothing of the endpoint but its packets.
final class DatagramFuzzPeer {
    let peerID = FuzzKeys.peer.peerID
    private let keys: DatagramKeyTable
    private let responderID: [UInt8]
    private static let initiatorID: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    private var counter: UInt64 = 0
    /// Packets that may come again.
    var held: [[UInt8]] = []
    /// The eight bytes of the last PATH_CHALLENGE.
    private(set) var challenge: [UInt8]?

    private init(responderID: [UInt8], send: Bytes32, receive: Bytes32) {
        var keys = DatagramKeyTable()
        keys.set(0, send: send, receive: receive)
        self.keys = keys
        self.responderID = responderID
    }

    /// Shakes hands with `node`; nil when it does not answer as it should.
    static func connect(
        to node: DatagramFuzzNode, now: Instant, using rng: inout SeededGenerator
    ) throws -> DatagramFuzzPeer? {
        let key = FuzzKeys.peer
        let staticKey = X25519PrivateKey(using: &rng)
        var handshake = NoiseHandshake(
            pattern: .xx, role: .dialer, staticKey: staticKey, ephemeralKey: X25519PrivateKey(using: &rng),
            prologue: Array("meshp2p-noise-udp".utf8) + [1] + initiatorID)
        var message: [UInt8] = []
        try handshake.writeMessage(payload: RawSpan(), appendingTo: &message)
        var packet: [UInt8] = [0x10, 1, 0, 32] + initiatorID + [UInt8](repeating: 0, count: 48) + message
        packet += [UInt8](repeating: 0, count: 1200 - packet.count)
        let from = DatagramFuzzNode.address(0)
        let answers = try node.receive(packet, from: from, now: now, using: &rng)
        guard let answer = answers.first?.1, answer.count > 20, answer[0] == 0x12 else { return nil }
        let responderID = Array(answer[12..<20])
        _ = try handshake.readMessage(answer.span.bytes.extracting(20..<answer.count))
        var payload = ProtobufWriter()
        payload.bytes(1, key.publicKey.protobuf)
        payload.bytes(2, key.sign(Array("meshp2p-noise-udp:".utf8) + staticKey.publicKey.bytes))
        payload.text(3, DatagramFuzzNode.network)
        payload.varint(10, 1)
        message = []
        try handshake.writeMessage(payload: payload.bytes.span.bytes, appendingTo: &message)
        var completion: [UInt8] = [0x13, 1]
        completion.appendBigEndian(UInt16(message.count))
        completion += responderID + message
        let confirmation = try node.receive(completion, from: from, now: now, using: &rng)
        guard let secrets = handshake.transportKeys, confirmation.first?.1.first == 0x14 else { return nil }
        return DatagramFuzzPeer(
            responderID: responderID, send: secrets.initiator, receive: secrets.responder)
    }

    /// A Data packet with `frames`, `skip` counters after the last one.
    func seal(_ frames: [UInt8], skip: Int) -> [UInt8] {
        counter += UInt64(skip)
        var packet: [UInt8] = [0x14] + responderID
        packet.appendBigEndian(counter)
        packet += frames
        keys.seal(0, counter: counter, packetAt: 0, headerByteCount: 17, in: &packet)
        counter += 1
        return packet
    }

    /// Looks for a challenge in what the node sent.
    func read(_ datagrams: [(DatagramAddress, [UInt8])]) {
        for (_, bytes) in datagrams where bytes.count == 42 && bytes[0] == 0x14 {
            guard Array(bytes[1..<9]) == Self.initiatorID else { continue }
            var plain: [UInt8] = []
            let counter: UInt64 = bytes.span.bytes.bigEndian(at: 9)
            guard
                keys.open(
                    0, counter: counter, packet: bytes.span.bytes, headerByteCount: 17, appendingTo: &plain),
                plain[0] == 0x04
            else { continue }
            challenge = Array(plain[1...])
        }
    }
}
