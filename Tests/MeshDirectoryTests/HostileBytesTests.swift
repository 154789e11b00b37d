import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDirectory

/// Bytes of a peer lead to values or errors and never to a trap: noise, damaged messages, and nested lies.
struct HostileBytesTests {
    /// Everything in the module that reads bytes or text of a peer.
    private func readAll(_ bytes: [UInt8]) {
        do { _ = try SignedMeshRecord(envelope: bytes) } catch { _ = "\(error)" }
        do { _ = try MeshRecord(payload: bytes.span.bytes) } catch { _ = "\(error)" }
        do { _ = try MeshRecordKey.peer(of: MeshRecordLimits.keyPrefix + bytes) } catch { _ = "\(error)" }
        do { _ = try SignedHeartbeat(envelope: bytes) } catch { _ = "\(error)" }
        do { _ = try Heartbeat(payload: bytes.span.bytes).ttlSeconds } catch { _ = "\(error)" }
        do { _ = try HeartbeatResponse(decoding: bytes.span.bytes).encoded } catch { _ = "\(error)" }
        do { _ = try RendezvousMessage(decoding: bytes.span.bytes).encoded } catch { _ = "\(error)" }
        _ = MeshRecordValidator.select(key: bytes, values: [bytes, [], bytes])
        _ = DisplayText.safe(utf8: bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        do { _ = try MeshName(typed: text).normalizedUTF8 } catch { _ = "\(error)" }
        do { _ = try MeshCapability(typed: text) } catch { _ = "\(error)" }
        do { _ = try MeshQuery(mesh: text).providerKey } catch { _ = "\(error)" }
        _ = RegistryCursor(text)
    }

    private func samples() throws -> [[UInt8]] {
        let key = Fixtures.key(1)
        let record = try Fixtures.signed(key)
        let beat = try Fixtures.heartbeat(key, sequence: 5)
        let registration = RendezvousRegistration(
            namespace: "ns", signedPeerRecord: Fixtures.peerRecord(key), ttlSeconds: 9)
        let answer = RendezvousDiscovery(registrations: [registration, registration], cookie: [1, 2, 3])
        return [
            record.envelope, record.record.payload, beat,
            try SignedHeartbeat(envelope: beat).heartbeat.payload,
            RendezvousMessage.register(registration).encoded,
            RendezvousMessage.discoverResponse(answer).encoded,
            RendezvousMessage.discover(namespace: "ns", limit: .max, cookie: [1]).encoded,
            HeartbeatResponse(status: .ok, ttlSeconds: .max, time: UnixTime(seconds: .max), sequence: .max)
                .encoded,
            Array(key.did.utf8), Array(key.peerID.description.utf8),
        ]
    }

    @Test func `noise is refused`() {
        var generator = SeededGenerator(seed: 81)
        for _ in 0..<4_000 {
            var bytes: [UInt8] = []
            bytes.appendRandom(Int.random(in: 0...64, using: &generator), using: &generator)
            readAll(bytes)
        }
    }

    @Test func `every prefix of a message is read without a trap`() throws {
        for sample in try samples() {
            for count in 0..<sample.count { readAll(Array(sample.prefix(count))) }
        }
    }

    @Test func `damaged messages are read without a trap`() throws {
        var generator = SeededGenerator(seed: 82)
        let samples = try samples()
        for _ in 0..<2_000 {
            var bytes = samples[Int.random(in: 0..<samples.count, using: &generator)]
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.insert(0xff, at: index)
                case 2:
                    bytes.replaceSubrange(
                        index..<index, with: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1])
                default: if bytes.count > 1 { bytes.remove(at: index) }
                }
            }
            readAll(bytes)
        }
    }

    @Test func `valid signatures over nonsense are refused`() throws {
        var generator = SeededGenerator(seed: 83)
        let key = Fixtures.key(1)
        let payloads = [
            Fixtures.record(key).payload, try SignedHeartbeat(envelope: samples()[2]).heartbeat.payload,
        ]
        var table = RegistryTable(epoch: Fixtures.time)
        var now = Instant.zero
        for round in 0..<500 {
            now = now + .seconds(1)
            var payload = payloads[round % 2]
            let index = Int.random(in: 0..<payload.count, using: &generator)
            payload[index] = UInt8.random(in: 0...255, using: &generator)
            readAll(Fixtures.sealed(payload, by: key))
            let beat = SignedEnvelope.seal(
                payload: payload, type: HeartbeatLimits.payloadType, domain: HeartbeatLimits.domain, by: key)
            _ = table.handle(beat.encoded, from: key.peerID, now: now)
            _ = table.listing(RegistryQuery(), now: now)
        }
        #expect(table.count <= 1)
    }

    @Test func `a rendezvous point survives any request`() throws {
        var generator = SeededGenerator(seed: 84)
        var point = Point()
        let keys = (1...3).map { Fixtures.key(UInt64($0)) }
        let samples = try samples()
        for _ in 0..<1_500 {
            var bytes = samples[Int.random(in: 4...6, using: &generator)]
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
                in: 0...255, using: &generator)
            point.now = point.now + .seconds(Int64.random(in: 0...1_000, using: &generator))
            do {
                let message = try RendezvousMessage(decoding: bytes.span.bytes)
                let key = keys[Int.random(in: 0..<3, using: &generator)]
                let reaction = point.ask(message, key)
                if case .answer(let answer) = reaction {
                    _ = try RendezvousClient.discovered(answer, in: nil)
                }
            } catch { _ = "\(error)" }
        }
        #expect(point.server.registrationCount <= 3 * 1_000)
    }

    @Test func `an answer that claims absurd numbers is read`() throws {
        let response = HeartbeatResponse(
            status: HeartbeatStatus(rawValue: .max), ttlSeconds: .max, time: UnixTime(seconds: .max),
            sequence: .max)
        let read = try HeartbeatResponse(decoding: response.encoded.span.bytes)
        #expect(read == response)
        #expect("\(read.status)" == "status 18446744073709551615")
        #expect(read.time.rfc3339 == "9999-12-31T23:59:59Z")
    }

    @Test func `a registry whose clock is at the end of time answers`() throws {
        let key = Fixtures.key(1)
        let beat = try Fixtures.heartbeat(key, sequence: 1)
        for epoch in [0, .max] as [UInt64] {
            var table = RegistryTable(epoch: UnixTime(seconds: epoch))
            for now in [Instant.zero, .distantFuture] {
                let response = table.handle(beat, from: key.peerID, now: now).response
                #expect(response.status == .clockSkew)
            }
        }
    }
}
