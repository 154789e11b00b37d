import MeshCore
import MeshCrypto
import MeshMultiformats
import Testing

@testable import MeshConnection

/// The parts under the machine, each against a plain model of itself.
@Suite struct DatagramTableTests {
    @Test(arguments: [90, 91, 92])
    func `the replay window takes every counter once, and none that is too old`(seed: UInt64) {
        var rng = SeededGenerator(seed: seed)
        var window = DatagramReplayWindow()
        var taken: Set<UInt64> = []
        var highest: UInt64?
        var base: UInt64 = 0
        for _ in 0..<30_000 {
            switch Int.random(in: 0..<100, using: &rng) {
            case 0: base += UInt64.random(in: 0...5000, using: &rng)
            case 1...40: base += 1
            default: break
            }
            let back = UInt64.random(in: 0...2300, using: &rng)
            let counter = base >= back ? base - back : base
            let isOld = highest.map { counter + 2048 <= $0 } ?? false
            let expected: Bool? =
                isOld || taken.contains(counter) ? nil : counter > highest ?? 0 || highest == nil
            #expect(
                window.take(counter) == expected, "seed \(seed), counter \(counter), highest \(highest ?? 0)")
            if expected != nil {
                taken.insert(counter)
                highest = max(highest ?? 0, counter)
            }
        }
        #expect(window.take(.max) == nil)
        #expect(window.take(.max - 1) == true && window.take(.max - 1) == nil && window.take(base) == nil)
    }

    @Test(arguments: [93, 94])
    func `the slot index is a dictionary`(seed: UInt64) {
        var rng = SeededGenerator(seed: seed)
        var index = DatagramSlotIndex(secret: rng.next())
        var model: [UInt64: Int] = [:]
        for step in 0..<40_000 {
            // Grows, then shrinks.
            let key = UInt64.random(in: 0..<3000, using: &rng) &* 0x1_0000_0000
            if Int.random(in: 0..<10, using: &rng) < (step < 20_000 ? 7 : 3) {
                index.set(key, step)
                model[key] = step
            } else {
                index.remove(key)
                model[key] = nil
            }
            let probe = UInt64.random(in: 0..<3000, using: &rng) &* 0x1_0000_0000
            #expect(index.find(probe) == model[probe], "seed \(seed), step \(step)")
            #expect(index.count == model.count)
        }
        #expect(index.byteCount <= 12 * 8 * max(64, model.count))
    }

    @Test(arguments: [95, 96])
    func `the timer wheel fires everything once, in time and never early`(seed: UInt64) {
        var rng = SeededGenerator(seed: seed)
        var wheel = DatagramTimerWheel()
        var model: [Int: Instant] = [:]
        var now = Instant(nanoseconds: 5_000_000_000)
        let tick = Duration.nanoseconds(1 << 23)
        for _ in 0..<20_000 {
            let slot = Int.random(in: 0..<200, using: &rng)
            switch Int.random(in: 0..<10, using: &rng) {
            case 0...4:
                let wait = UInt64.random(in: 0...12_000_000_000, using: &rng)
                model[slot] = Instant(nanoseconds: now.nanoseconds + wait)
                wheel.set(slot, at: Instant(nanoseconds: now.nanoseconds + wait), now: now)
            case 5:
                wheel.cancel(slot)
                model[slot] = nil
            default:
                let step = UInt64.random(in: 0...(slot == 7 ? 9_000_000_000 : 60_000_000), using: &rng)
                now = Instant(nanoseconds: now.nanoseconds + step)
                while let fired = wheel.popExpired(now: now) {
                    let deadline = model.removeValue(forKey: fired)
                    #expect(deadline.map { $0 <= now } == true, "seed \(seed)")
                }
                #expect(!model.values.contains { $0 + tick + tick < now }, "seed \(seed)")
            }
            #expect(wheel.count == model.count)
            if let earliest = model.values.min(), let next = wheel.nextDeadline {
                // It may ask too early for what lies beyond its span, and is never a tick late.
                #expect(next <= earliest + tick, "seed \(seed)")
            } else {
                #expect(model.isEmpty && wheel.nextDeadline == nil)
            }
        }
    }

    @Test func `a rate allows its burst and then its pace, and as much again beyond it`() {
        let rate = DatagramRateLimit(.init(perSecond: 10, burst: 5))
        var meter = DatagramRateLimit.Meter()
        var now = Instant(nanoseconds: 1 << 40)
        #expect((0..<9).count { _ in rate.take(&meter, now: now) } == 5)
        #expect(!rate.hasRoom(meter, now: now))
        #expect((0..<9).count { _ in rate.takeBeyond(&meter, now: now) } == 5)
        now = now + .milliseconds(600)
        #expect(rate.hasRoom(meter, now: now) && rate.take(&meter, now: now))
        #expect(!rate.take(&meter, now: now))
        now = now + .seconds(100)
        #expect((0..<9).count { _ in rate.take(&meter, now: now) } == 5)
    }

    @Test func `known keys are bounded, and the one that was used last stays`() {
        var rng = SeededGenerator(seed: 97)
        var known = DatagramKnownKeys(limit: 3, seed: 1)
        let peers = (0..<5).map { _ in IdentityKey(using: &rng).peerID }
        let keys = (0..<5).map { _ in Bytes32.random(using: &rng) }
        for index in 0..<3 { known.remember(keys[index], of: peers[index], timestamp: 5) }
        known.remember(keys[0], of: peers[0], timestamp: 3)
        #expect(known.timestamp(of: keys[0], peers[0]) == 5)
        known.remember(keys[3], of: peers[3], timestamp: 1)
        #expect(known.count == 3 && known.owner(of: keys[1]) == nil && known.owner(of: keys[0]) == peers[0])
        // A peer has one key: a restart brings another.
        known.remember(keys[4], of: peers[0], timestamp: 1)
        #expect(known.staticKey(of: peers[0]) == keys[4] && known.owner(of: keys[0]) == nil)
        #expect(known.timestamp(of: keys[4], peers[2]) == nil)
        known.forget(peers[0])
        #expect(known.count == 2 && known.staticKey(of: peers[0]) == nil)
    }

    @Test func `addresses are read from multiaddrs and written back`() throws {
        let peer = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq"
        let good = [
            ("/ip4/192.0.2.1/udp/4001/noise", "/ip4/192.0.2.1/udp/4001/noise"),
            ("/ip4/192.0.2.1/udp/4001", "/ip4/192.0.2.1/udp/4001/noise"),
            ("/ip4/192.0.2.1/udp/4001/noise/p2p/\(peer)", "/ip4/192.0.2.1/udp/4001/noise"),
            ("/ip6/2001:db8::1/udp/1/noise", "/ip6/2001:db8::1/udp/1/noise"),
            ("/ip6zone/3/ip6/fe80::1/udp/1/noise", "/ip6zone/3/ip6/fe80::1/udp/1/noise"),
            ("/ip6/::ffff:192.0.2.1/udp/9/noise", "/ip4/192.0.2.1/udp/9/noise"),
        ]
        for (text, expected) in good {
            let address = try #require(DatagramAddress(try Multiaddr(text)), "\(text)")
            #expect(address.multiaddr?.description == expected)
            #expect(address.description == expected)
        }
        let bad = [
            "/ip4/192.0.2.1/tcp/4001", "/ip4/192.0.2.1/udp/4001/quic-v1", "/dns4/example.org/udp/1/noise",
            "/ip4/192.0.2.1", "/ip4/192.0.2.1/udp/4001/noise/p2p/\(peer)/p2p-circuit",
            "/ip6zone/eth0/ip6/fe80::1/udp/1/noise", "/p2p/\(peer)", "/ip6/::1/udp/1/noise/ws",
            "/ip4/192.0.2.1/udp/4001/noise/noise", "/ip6zone/3/ip6/fe80::1", "/unix/a",
        ]
        for text in bad { #expect(DatagramAddress(try Multiaddr(text)) == nil, "\(text)") }
        let four = DatagramAddress(ip4: 0x7f00_0001, port: 4)
        #expect(four.isLoopback && four.ip4 == 0x7f00_0001 && four.ip6 == (0, 0xffff_7f00_0001))
        #expect(four.prefix != DatagramAddress(ip4: 0x7f00_0001, port: 5).prefix)
        let (one, two) = (
            DatagramAddress(ip4: 0x0102_0304, port: 1), DatagramAddress(ip4: 0x0102_03ff, port: 2)
        )
        #expect(one.prefix == two.prefix && one.prefix != DatagramAddress(ip4: 0x0102_0404, port: 1).prefix)
        let six = DatagramAddress(ip6: (0x2001_0db8_0001_0000, 1), port: 1)
        #expect(six.prefix == DatagramAddress(ip6: (0x2001_0db8_0001_ffff, 9), port: 3).prefix)
        #expect(six.prefix != DatagramAddress(ip6: (0x2001_0db8_0002_0000, 1), port: 1).prefix)
    }

    @Test func `a session takes at most 600 bytes with its keys and its places in the indexes`() {
        var rng = SeededGenerator(seed: 98)
        var configuration = DatagramConfiguration()
        configuration.maximumSessionCount = 4096
        let node = DatagramTestNode(
            key: IdentityKey(using: &rng), address: DatagramTestNetwork.address(1),
            configuration: configuration, using: &rng)
        for index in 0..<4096 {
            let new = DatagramEndpoint.NewSession(
                localID: rng.next() | 1, remoteID: rng.next(), peer: IdentityKey(using: &rng).peerID,
                address: DatagramTestNetwork.address(index), isInitiator: true, keys: (.zero, .zero),
                resetToken: [UInt8](repeating: 1, count: 16))
            let slot = node.endpoint.establish(new, now: .zero, into: &node.effects)
            #expect(slot == index)
        }
        #expect(node.endpoint.sessionCount == 4096)
        let each = node.endpoint.sessionByteCount / 4096
        #expect(each <= 600, "\(each) bytes")
    }

    @Test func `payloads keep their limits`() throws {
        var rng = SeededGenerator(seed: 99)
        var identity = DatagramIdentity(
            IdentityKey(using: &rng), network: "/x/kad/1.0.0", servesKad: false, using: &rng)
        // 4 addresses and 160 bytes at most are told.
        let short = try Multiaddr("/ip4/192.0.2.1/udp/4001/noise")
        identity.addresses = [UInt16](1...9).map { _ in short }
        #expect(DatagramPayload(identity, resetToken: []).addresses.count == 4)
        let long = try Multiaddr("/dns4/\(String(repeating: "a", count: 63)).example.org/udp/1/noise")
        identity.addresses = [long, long, short]
        let payload = DatagramPayload(identity, resetToken: [], timestamp: 7)
        #expect(payload.addresses == [long, short])
        #expect(try DatagramPayload(payload.encoded.span.bytes) == payload)
        let over: [[UInt8]] = [
            Array(repeating: [0x32, 0] as [UInt8], count: 5).flatMap { $0 },
            [0x32, 161, 1] + [UInt8](repeating: 0, count: 161),
            [0x1a, 129, 1] + [UInt8](repeating: 65, count: 129),
            [0x2a, 15] + [UInt8](repeating: 0, count: 15), [0x2a, 17] + [UInt8](repeating: 0, count: 17),
            [0x4a, 7] + [UInt8](repeating: 0, count: 7), [0x50, 1, 0x50, 2], [0x0a, 0, 0x0a, 0], [0x0a, 9],
        ]
        for bytes in over {
            do throws(ProtobufError) {
                _ = try DatagramPayload(bytes.span.bytes)
                Issue.record("\(bytes.prefix(4)) was read")
            } catch {}
        }
        // Unknown fields and addresses that cannot be read are skipped.
        let lenient: [UInt8] = [0x32, 2, 0xff, 0xff, 0x7a, 1, 0]
        #expect(try DatagramPayload(lenient.span.bytes).addresses.isEmpty)
    }
}
