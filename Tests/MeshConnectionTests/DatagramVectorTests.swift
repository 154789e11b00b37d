import Foundation
import MeshCore
import MeshCrypto
import MeshMultiformats
import Testing

@testable import MeshConnection

/// Every packet of Specs/vectors/datagram, which the second implementation made from the specification alone.
@Suite struct DatagramVectorTests {
    private struct Vectors: Decodable {
        struct End: Decodable {
            var identitySecret: String
            var staticSecret: String
            var ephemeralSecret: String
            var peerID: String
            var resetToken: String
        }

        struct Packet: Decodable {
            var name: String
            var payload: String
            var bytes: String
        }

        struct DataPacket: Decodable {
            var name: String
            var isFromResponder: Bool
            var counter: UInt64
            var plaintext: String
            var bytes: String
        }

        struct Handshake: Decodable {
            var pattern: String
            var presharedKey: String?
            var prologue: String
            var initiator: End
            var responder: End
            var initiatorID: String
            var responderID: String
            var cookie: String
            var handshakeHash: String
            var initiatorKey: String
            var responderKey: String
            var packets: [Packet]
            var data: [DataPacket]
        }

        struct Bare: Decodable {
            var name: String
            var bytes: String
        }

        var network: String
        var handshakes: [Handshake]
        var bare: [Bare]
    }

    private let vectors: Vectors

    init() throws {
        vectors = try JSONDecoder().decode(
            Vectors.self, from: ConnectionTestVectors.data("datagram/packets.json"))
        try #require(vectors.handshakes.count == 4)
    }

    private func bytes(_ hex: String) throws -> [UInt8] { try #require(Hex.decode(hex)) }
    private func bytes32(_ hex: String) throws -> Bytes32 { try #require(Bytes32(try bytes(hex))) }

    private func id(_ hex: String) throws -> UInt64 {
        let bytes = try bytes(hex)
        return bytes.span.bytes.bigEndian(at: 0)
    }

    private func endpoint(_ end: Vectors.End, _ vector: Vectors.Handshake) throws -> DatagramEndpoint {
        let key = IdentityKey(Ed25519PrivateKey(seed: try bytes32(end.identitySecret)))
        #expect(Hex.encode(key.peerID.multihash) == end.peerID)
        let psk = try vector.presharedKey.map { PresharedKey(try bytes32($0)) }
        return DatagramEndpoint(
            identity: DatagramIdentity(
                key, network: vectors.network, servesKad: true,
                staticKey: X25519PrivateKey(try bytes32(end.staticSecret))),
            presharedKey: psk, resetSecret: .zero)
    }

    private func handshake(
        _ role: ConnectionRole, _ vector: Vectors.Handshake
    ) throws -> NoiseHandshake {
        let end = role == .dialer ? vector.initiator : vector.responder
        let psk = try vector.presharedKey.map { PresharedKey(try bytes32($0)) }
        let prologue = DatagramEndpoint.prologue(initiatorID: try id(vector.initiatorID), presharedKey: psk)
        #expect(Hex.encode(prologue) == vector.prologue)
        let isResumption = vector.pattern == "IK"
        let responder = X25519PrivateKey(try bytes32(vector.responder.staticSecret)).publicKey
        return NoiseHandshake(
            pattern: isResumption ? .ik : .xx, role: role,
            staticKey: X25519PrivateKey(try bytes32(end.staticSecret)),
            ephemeralKey: X25519PrivateKey(try bytes32(end.ephemeralSecret)),
            remoteStaticKey: isResumption && role == .dialer ? responder : nil, prologue: prologue)
    }

    @Test func `every handshake packet is made byte for byte and read`() throws {
        for vector in vectors.handshakes {
            let ours = try endpoint(vector.initiator, vector)
            let theirs = try endpoint(vector.responder, vector)
            var initiator = try handshake(.dialer, vector)
            var responder = try handshake(.listener, vector)
            let initiatorID = try id(vector.initiatorID)
            let responderID = try id(vector.responderID)
            for packet in vector.packets where !packet.name.contains("cookie") {
                let isFromInitiator = packet.name != "Response" && packet.name != "Answer"
                let payload = try bytes(packet.payload)
                let expected = try bytes(packet.bytes)
                if !payload.isEmpty {
                    #expect(try DatagramPayload(payload.span.bytes).encoded == payload, "\(packet.name)")
                }
                let made: [UInt8]
                var message: [UInt8] = []
                if packet.name == "Completion" {
                    made = try #require(
                        ours.completionPacket(
                            &initiator, try DatagramPayload(payload.span.bytes), responderID: responderID))
                } else if isFromInitiator {
                    try initiator.writeMessage(payload: payload.span.bytes, appendingTo: &message)
                    made = ours.firstPacket(
                        packet.name == "Initiation" ? .initiation : .resumption, initiatorID: initiatorID,
                        message: message)
                } else {
                    try responder.writeMessage(payload: payload.span.bytes, appendingTo: &message)
                    made = theirs.answerPacket(
                        packet.name == "Response" ? .response : .resumptionAnswer, initiatorID: initiatorID,
                        responderID: responderID, message: message)
                }
                #expect(made == expected, "\(vector.pattern) \(packet.name)")
                let read =
                    isFromInitiator
                    ? try read(expected, by: &responder) : try read(expected, by: &initiator)
                #expect(read == payload, "\(vector.pattern) \(packet.name)")
            }
            #expect(Hex.encode(initiator.handshakeHash.bytes) == vector.handshakeHash)
            let keys = try #require(initiator.transportKeys)
            #expect(Hex.encode(keys.initiator.bytes) == vector.initiatorKey)
            #expect(Hex.encode(keys.responder.bytes) == vector.responderKey)
        }
    }

    private func read(_ packet: [UInt8], by handshake: inout NoiseHandshake) throws -> [UInt8] {
        let offset =
            switch packet[0] {
            case 0x10, 0x16: DatagramPacket.firstMessageOffset
            case 0x13: DatagramPacket.completionMessageOffset
            default: DatagramPacket.answerMessageOffset
            }
        let found = DatagramPacket.message(of: packet.span.bytes, at: offset)
        let message = try #require(found)
        return try handshake.readMessage(packet.span.bytes.extracting(message))
    }

    @Test func `the identities of the payloads are proven, and only for their static key`() throws {
        for vector in vectors.handshakes {
            let ours = try endpoint(vector.responder, vector)
            let name = vector.pattern == "XX" ? "Completion" : "Resumption"
            let packet = try #require(vector.packets.first { $0.name == name })
            let staticKey = X25519PrivateKey(try bytes32(vector.initiator.staticSecret)).publicKey
            let payload = try bytes(packet.payload)
            let proof = try ours.prove(payload, staticKey: staticKey, requiresTimestamp: true)
            #expect(Hex.encode(proof.peer.multihash) == vector.initiator.peerID)
            #expect(Hex.encode(proof.payload.resetToken) == vector.initiator.resetToken)
            do throws(DatagramFailure) {
                _ = try ours.prove(payload, staticKey: .zero, requiresTimestamp: true)
                Issue.record("a proof for another static key was taken")
            } catch {
                #expect(error == .badHandshake)
            }
            do throws(DatagramFailure) {
                _ = try ours.prove(
                    payload, staticKey: staticKey, expected: ours.identity.peerID, requiresTimestamp: true)
                Issue.record("another peer was taken")
            } catch {
                #expect(error == .wrongPeer(proof.peer))
            }
        }
    }

    @Test
    func `first packets with a cookie differ in the cookie alone, and strangers to the network are told`()
        throws
    {
        for vector in vectors.handshakes {
            var packet = try bytes(vector.packets[0].bytes)
            let theirs = try endpoint(vector.responder, vector)
            let found = DatagramPacket.message(of: packet.span.bytes, at: 60)
            let message = try #require(found)
            var isMember = theirs.isMember(packet.span.bytes, message: message)
            #expect(isMember)
            packet.replaceSubrange(12..<44, with: try bytes(vector.cookie))
            #expect(Hex.encode(packet) == vector.packets[1].bytes)
            isMember = theirs.isMember(packet.span.bytes, message: message)
            #expect(isMember)
            packet[44] ^= 1
            isMember = theirs.isMember(packet.span.bytes, message: message)
            #expect(isMember == (vector.presharedKey == nil))
        }
    }

    @Test func `every data packet is sealed byte for byte and opened`() throws {
        for vector in vectors.handshakes {
            for packet in vector.data {
                let sender = try session(vector, isResponder: packet.isFromResponder)
                let receiver = try session(vector, isResponder: !packet.isFromResponder)
                let expected = try bytes(packet.bytes)
                let plaintext = try bytes(packet.plaintext)
                var effects = DatagramEffects()
                sender.endpoint.sessions[0].sendCounter = packet.counter
                let start = sender.endpoint.beginData(0, into: &effects)
                effects.arena += plaintext
                sender.endpoint.finishData(
                    0, start: start, to: DatagramTestNetwork.address(1), into: &effects)
                #expect(Array(effects.arena[start...]) == expected, "\(packet.name)")
                effects.clear()
                var rng = SeededGenerator(seed: 1)
                receiver.endpoint.receive(
                    expected.span.bytes, from: DatagramTestNetwork.address(1), now: .zero, using: &rng,
                    into: &effects)
                #expect(Array(effects.arena.prefix(plaintext.count)) == plaintext, "\(packet.name)")
                let counters = receiver.endpoint.counters
                #expect(
                    counters.drops(.notAuthentic) == 0 && counters.drops(.badFrame) == 0, "\(packet.name)")
            }
        }
    }

    /// An endpoint that can be handed around.
    private final class Holder {
        var endpoint: DatagramEndpoint

        init(_ endpoint: consuming DatagramEndpoint) {
            self.endpoint = endpoint
        }
    }

    private func session(_ vector: Vectors.Handshake, isResponder: Bool) throws -> Holder {
        let ids = (try id(vector.initiatorID), try id(vector.responderID))
        let keys = (try bytes32(vector.initiatorKey), try bytes32(vector.responderKey))
        let other = isResponder ? vector.initiator : vector.responder
        let multihash = try bytes(other.peerID)
        let new = DatagramEndpoint.NewSession(
            localID: isResponder ? ids.1 : ids.0, remoteID: isResponder ? ids.0 : ids.1,
            peer: try PeerID(multihash: multihash.span.bytes),
            address: DatagramTestNetwork.address(1), isInitiator: !isResponder,
            keys: isResponder ? (keys.1, keys.0) : keys, resetToken: try bytes(other.resetToken))
        let holder = Holder(try endpoint(isResponder ? vector.responder : vector.initiator, vector))
        var effects = DatagramEffects()
        let slot = holder.endpoint.establish(new, now: .zero, into: &effects)
        #expect(slot == 0)
        return holder
    }

    @Test func `the stateless packets are read`() throws {
        let vector = vectors.handshakes[0]
        let ours = try session(vector, isResponder: false)
        let reset = try #require(vectors.bare.first { $0.name == "Reset" })
        var rng = SeededGenerator(seed: 1)
        var effects = DatagramEffects()
        let good = try bytes(reset.bytes)
        var forged = good
        forged[24] ^= 1
        ours.endpoint.receive(
            forged.span.bytes, from: DatagramTestNetwork.address(9), now: .zero, using: &rng, into: &effects)
        #expect(ours.endpoint.counters.drops(.badReset) == 1 && ours.endpoint.counters.resetsTaken == 0)
        ours.endpoint.receive(
            good.span.bytes, from: DatagramTestNetwork.address(9), now: .zero, using: &rng,
            into: &effects)
        #expect(ours.endpoint.counters.resetsTaken == 1)
        #expect(effects.datagrams.isEmpty)
    }
}
