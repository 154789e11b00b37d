import MeshCore
import Testing

@testable import MeshCrypto

@Suite struct DatagramKeyTableTests {
    @Test func `packets of every length are those of the plain cipher, whichever library does them`() throws {
        var rng = SeededGenerator(seed: 1)
        var ours = DatagramKeyTable()
        var theirs = DatagramKeyTable()
        let keys = (0..<9).map { _ in (Bytes32.random(using: &rng), Bytes32.random(using: &rng)) }
        for (slot, key) in keys.enumerated() {
            ours.set(slot, send: key.0, receive: key.1)
            theirs.set(slot, send: key.1, receive: key.0)
        }
        for count in [0, 1, 16, 127, 128, 129, 130, 200, 1024, 1167] {
            let slot = count % 9
            let counter = rng.next()
            var plain: [UInt8] = []
            plain.appendRandom(17 + count, using: &rng)
            var packet: [UInt8] = [1, 2, 3] + plain
            ours.seal(slot, counter: counter, packetAt: 3, headerByteCount: 17, in: &packet)
            var expected: [UInt8] = []
            ChaChaPolyKey(keys[slot].0).seal(
                plain.span.bytes.extracting(17..<plain.count), nonce: counter,
                additionalData: plain.span.bytes.extracting(0..<17), backend: .sodium,
                appendingTo: &expected)
            #expect(Array(packet[20...]) == expected && Array(packet[..<20]) == [1, 2, 3] + plain[..<17])
            packet.removeFirst(3)
            var arena: [UInt8] = [9]
            var isAuthentic = theirs.open(
                slot, counter: counter, packet: packet.span.bytes, headerByteCount: 17, appendingTo: &arena)
            #expect(isAuthentic && arena == [9] + plain[17...], "\(count) bytes")
            for place in [0, 16, packet.count - 1, packet.count / 2] {
                var damaged = packet
                damaged[place] ^= 1
                isAuthentic = theirs.open(
                    slot, counter: counter, packet: damaged.span.bytes, headerByteCount: 17,
                    appendingTo: &arena)
                #expect(!isAuthentic && arena.count == 1 + count, "\(count) bytes, damage at \(place)")
            }
            isAuthentic = theirs.open(
                slot, counter: counter &+ 1, packet: packet.span.bytes, headerByteCount: 17,
                appendingTo: &arena)
            #expect(!isAuthentic)
        }
        theirs.wipe(2)
        var packet = [UInt8](repeating: 0, count: 40)
        ours.seal(2, counter: 1, packetAt: 0, headerByteCount: 17, in: &packet)
        var arena: [UInt8] = []
        let isAuthentic = theirs.open(
            2, counter: 1, packet: packet.span.bytes, headerByteCount: 17, appendingTo: &arena)
        #expect(!isAuthentic)
    }

    @Test func `SipHash gives the codes of its reference implementation`() {
        // SipHash-2-4-128, key 00…0f, input 00…07 and 00…0f: vectors_sip128 of the reference implementation.
        let key = Bytes32(0x0001_0203_0405_0607, 0x0809_0a0b_0c0d_0e0f, 0, 0)
        let hash = SipHash(key)
        #expect(
            hash.code(of: [0x0001_0203_0405_0607])
                == SipHash.Code(high: 0x3b62_a9ba_6258_f561, low: 0x0f83_e264_f314_97b4))
        #expect(!hash.code(of: [1]).equalsInConstantTime(hash.code(of: [2])))
        #expect(hash.code(of: [1]).equalsInConstantTime(hash.code(of: [1])))
    }
}
