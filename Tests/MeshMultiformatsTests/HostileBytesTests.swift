import MeshCore
import MeshMultiformats
import Testing

/// Whatever arrives is refused or understood, never a trap; what is understood comes back the same.
struct HostileBytesTests {
    private static let alphabet = Array("/0123456789abcdefghijklmnopqrstuvwxyzABCXYZ:.%-_+=\u{e9}\u{0}".utf8)

    @Test(arguments: 0..<16 as Range<UInt64>)
    func `random bytes are no trap for any decoder`(seed: UInt64) {
        var rng = SeededGenerator(seed: seed)
        for _ in 0..<400 {
            var bytes: [UInt8] = []
            bytes.appendRandom(Int.random(in: 0...120, using: &rng), using: &rng)
            // Small numbers are likelier to be fields and lengths.
            if Bool.random(using: &rng) { bytes = bytes.map { $0 & 0x3f } }
            _ = try? Multihash(bytes)
            _ = try? CID(bytes)
            _ = try? PublicKey(protobuf: bytes)
            _ = try? PeerID(multihash: bytes)
            _ = try? IdentityKey.decode(bytes)
            _ = try? PeerRecord.open(bytes)
            _ = try? PeerRecord(payload: bytes.span.bytes)
            if let address = try? Multiaddr(packed: bytes) { roundTrip(address, seed: seed) }
        }
    }

    @Test(arguments: 0..<16 as Range<UInt64>)
    func `random text is no trap for any parser`(seed: UInt64) {
        var rng = SeededGenerator(seed: seed)
        let names = MultiaddrProtocol.allCases.map(\.name)
        for _ in 0..<400 {
            var text: [UInt8] = []
            for _ in 0..<Int.random(in: 0...6, using: &rng) {
                if Bool.random(using: &rng) {
                    text += Array("/\(names.randomElement(using: &rng) ?? "")/".utf8)
                }
                for _ in 0..<Int.random(in: 0...12, using: &rng) {
                    text.append(Self.alphabet.randomElement(using: &rng) ?? 0)
                }
            }
            let string = String(decoding: text, as: UTF8.self)
            _ = try? Multibase.decode(string)
            _ = try? Base58.decode(string)
            _ = try? Base64.decode(string)
            _ = try? CID(string)
            _ = try? PeerID(string)
            _ = try? DIDKey.parse("did:key:z" + string)
            if let address = try? Multiaddr(string) { roundTrip(address, seed: seed) }
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `addresses of random parts come back from bytes and from text`(seed: UInt64) throws {
        var rng = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            var packed: [UInt8] = []
            for _ in 0..<Int.random(in: 1...8, using: &rng) { append(component: &packed, using: &rng) }
            let address = try Multiaddr(packed: packed)
            #expect(address.bytes == packed)
            roundTrip(address, seed: seed)
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `an address with changed bytes is refused or another good address`(seed: UInt64) throws {
        var rng = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            var packed: [UInt8] = []
            for _ in 0..<4 { append(component: &packed, using: &rng) }
            packed[Int.random(in: packed.indices, using: &rng)] = UInt8.random(in: 0...255, using: &rng)
            packed.removeLast(Int.random(in: 0...1, using: &rng))
            if let address = try? Multiaddr(packed: packed) { roundTrip(address, seed: seed) }
        }
    }

    private func roundTrip(_ address: Multiaddr, seed: UInt64) {
        let text = address.description
        #expect((try? Multiaddr(packed: address.bytes)) == address, "\(text), seed \(seed)")
        #expect((try? Multiaddr(text))?.bytes == address.bytes, "\(text), seed \(seed)")
        _ = (address.tcpEndpoint, address.scope, address.isRelayed, address.withoutPeer.peerID)
        #expect(address.components.map(\.description).joined() == text)
    }

    /// One valid component of a random protocol; a path would have to be the last, so no `unix`.
    private func append(component packed: inout [UInt8], using rng: inout SeededGenerator) {
        let proto = MultiaddrProtocol.allCases.randomElement(using: &rng) ?? .tcp
        var value: [UInt8] = []
        switch proto {
        case .unix: return append(component: &packed, using: &rng)
        case .ip4: value.appendRandom(4, using: &rng)
        case .tcp, .udp: value.appendRandom(2, using: &rng)
        case .ip6: value.appendRandom(16, using: &rng)
        case .ipcidr: value.appendRandom(1, using: &rng)
        case .memory: value.appendRandom(8, using: &rng)
        case .dns, .dns4, .dns6, .dnsaddr, .sni, .ip6zone:
            value = Array("h\u{f6}st-\(rng.next() % 1000).example".utf8)
        case .p2p: value = IdentityKey(using: &rng).peerID.multihash
        case .certhash: value = Multihash.sha256(of: [UInt8(truncatingIfNeeded: rng.next())]).encoded
        case .httpPath: value.appendRandom(Int.random(in: 1...20, using: &rng), using: &rng)
        default: break
        }
        Varint.append(proto.rawValue, to: &packed)
        switch proto {
        case .dns, .dns4, .dns6, .dnsaddr, .sni, .ip6zone, .p2p, .certhash, .httpPath:
            Varint.append(UInt64(value.count), to: &packed)
        default: break
        }
        packed += value
    }
}
