import MeshCore
import MeshMultiformats
import Testing

struct MultiaddrTests {
    static let peer = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq"
    static let packedPeer =
        "a503260024080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e"

    /// Codes: multiformats/multiaddr protocols.csv; values worked out by hand.
    @Test(arguments: [
        ("/ip4/1.2.3.4", "0401020304"), ("/tcp/4001", "060fa1"), ("/udp/65535", "9102ffff"),
        ("/ip6/2001:db8::1", "2920010db8000000000000000000000001"), ("/ip6zone/eth0", "2a0465746830"),
        ("/ipcidr/24", "2b18"), ("/dns/a.b", "3503612e62"), ("/dns4/a", "360161"), ("/dns6/a", "370161"),
        ("/dnsaddr/a", "380161"), ("/p2p-circuit", "a202"), ("/unix/a/b", "9003042f612f62"),
        ("/p2p/\(peer)", packedPeer), ("/tls", "c003"), ("/sni/a", "c1030161"), ("/noise", "c603"),
        ("/quic", "cc03"), ("/quic-v1", "cd03"), ("/webtransport", "d103"),
        ("/certhash/uEgEC", "d20303120102"), ("/ws", "dd03"), ("/wss", "de03"), ("/http", "e003"),
        ("/http-path/a%2Fb", "e10303612f62"), ("/memory/258", "89060000000000000102"),
        ("/webrtc-direct", "9802"), ("/webrtc", "9902"),
    ])
    func `every protocol is packed and written by the table`(text: String, hex: String) throws {
        #expect(Hex.encode(try Multiaddr(text).bytes) == hex)
        #expect(try Multiaddr(packed: bytes(hex)).description == text)
    }

    @Test func `the table names every protocol once`() {
        let names = MultiaddrProtocol.allCases.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.count == 27)
        for proto in MultiaddrProtocol.allCases { #expect(MultiaddrProtocol(name: proto.name) == proto) }
        #expect(MultiaddrProtocol(name: "ipfs") == .p2p)
        #expect(MultiaddrProtocol(name: "IP4") == nil)
    }

    @Test func `the old name of p2p is read and not written`() throws {
        #expect(try Multiaddr("/ipfs/\(Self.peer)").description == "/p2p/\(Self.peer)")
        let cid = try PeerID(Self.peer).cidV1
        #expect(try Multiaddr("/p2p/\(cid)").description == "/p2p/\(Self.peer)")
    }

    @Test func `slashes at the end do not count, slashes between do`() throws {
        #expect(try Multiaddr("/ip4/1.2.3.4/tcp/1///") == Multiaddr("/ip4/1.2.3.4/tcp/1"))
        #expect(throws: MultiaddrError.unknownName("", offset: 0)) { try Multiaddr("//ip4/1.2.3.4") }
        #expect(throws: MultiaddrError.unknownName("", offset: 4)) { try Multiaddr("/tls//ws") }
    }

    @Test func `a unix path takes everything that follows`() throws {
        let address = try Multiaddr("/tls/unix/run/tcp/1")
        #expect(address.components.map(\.description) == ["/tls", "/unix/run/tcp/1"])
        #expect(address.components.last?.valueText == "/run/tcp/1")
        #expect(throws: MultiaddrError.missingValue(.unix, offset: 0)) { try Multiaddr("/unix///") }
        // A relative path would have the same text as an absolute one.
        #expect(throws: MultiaddrError.badValue(.unix, offset: 0, .notPath)) {
            try Multiaddr(packed: [0x90, 0x03, 1, 0x61])
        }
        // Found by fuzzing: the text of what follows would be read as part of the path.
        #expect(throws: MultiaddrError.badValue(.unix, offset: 2, .notLast)) {
            try Multiaddr(packed: bytes("c003" + "9003022f61" + "c003"))
        }
        let slashed = try Multiaddr("/unix/a/")
        #expect(try Multiaddr(slashed.description) == slashed)
    }

    @Test func `an HTTP path is percent-encoded`() throws {
        let address = try Multiaddr("/http-path/a%2fb%20%c3%A9+~")
        #expect(address.description == "/http-path/a%2Fb%20%C3%A9%2B~")
        #expect(try Multiaddr(address.description) == address)
        for text in ["/http-path/%", "/http-path/%2", "/http-path/%zz"] {
            #expect(throws: MultiaddrError.badValue(.httpPath, offset: 0, .badPercentEncoding)) {
                try Multiaddr(text)
            }
        }
        #expect(throws: MultiaddrError.badValue(.httpPath, offset: 0, .notPath)) {
            try Multiaddr(packed: [0xe1, 0x03, 0])
        }
    }

    @Test func `a certificate hash is read in any base and written in one`() throws {
        let hash = Multihash.sha256(of: [1]).encoded
        for base in Multibase.allCases {
            let address = try Multiaddr("/certhash/\(base.encode(hash))")
            #expect(address.description == "/certhash/\(Multibase.base64URL.encode(hash))")
        }
        #expect(throws: MultiaddrError.badValue(.certhash, offset: 0, .notMultibase(.unknownBase(0x21)))) {
            try Multiaddr("/certhash/!")
        }
        #expect(
            throws: MultiaddrError.badValue(
                .certhash, offset: 0, .notMultihash(.wrongLength(announced: 32, present: 1)))
        ) { try Multiaddr("/certhash/f122001") }
    }

    @Test(arguments: [
        ("", MultiaddrError.empty), ("/", .empty), ("///", .empty), ("ip4/1.2.3.4", .missingSlash),
        ("/ip4", .missingValue(.ip4, offset: 0)), ("/tls/tcp", .missingValue(.tcp, offset: 4)),
        ("/ip4/1.2.3", .badValue(.ip4, offset: 0, .notIP4)),
        ("/ip4/1.2.3.4.5", .badValue(.ip4, offset: 0, .notIP4)),
        ("/ip4/1.2.3.04", .badValue(.ip4, offset: 0, .notIP4)),
        ("/ip4/1.2.3.256", .badValue(.ip4, offset: 0, .notIP4)),
        ("/ip4/1.2..4", .badValue(.ip4, offset: 0, .notIP4)),
        ("/ip6/1.2.3.4", .badValue(.ip6, offset: 0, .notIP6)),
        ("/ip4/1.2.3.4/tcp/65536", .badValue(.tcp, offset: 12, .notNumber(maximum: 65535))),
        ("/tcp/+1", .badValue(.tcp, offset: 0, .notNumber(maximum: 65535))),
        ("/tcp/01", .badValue(.tcp, offset: 0, .notNumber(maximum: 65535))),
        ("/tcp/\u{0661}", .badValue(.tcp, offset: 0, .notNumber(maximum: 65535))),
        ("/memory/18446744073709551616", .badValue(.memory, offset: 0, .notNumber(maximum: .max))),
        ("/tls/foo/1", .unknownName("foo", offset: 4)),
        ("/p2p/x", .badValue(.p2p, offset: 0, .notPeerID(.badText(.unknownBase(0x78))))),
        ("/dns/a b", .badValue(.dns, offset: 0, .notName)),
        ("/dns/a\u{7}", .badValue(.dns, offset: 0, .notName)),
        ("/ip4/1.2.3.4/tcp/1/foo\u{301}/x", .unknownName("foo\u{301}", offset: 18)),
    ])
    func `wrong text is refused with the place and the reason`(text: String, error: MultiaddrError) {
        #expect(throws: error) { try Multiaddr(text) }
    }

    @Test(arguments: [
        ("", MultiaddrError.empty), ("04010203", .truncated(.ip4, offset: 0)),
        ("c00306ff", .truncated(.tcp, offset: 2)), ("3505616263", .truncated(.dns, offset: 0)),
        ("35", .badVarint(.truncated, offset: 1)), ("c003ff", .badVarint(.truncated, offset: 2)),
        ("8400", .badVarint(.notMinimal, offset: 0)), ("3500", .badValue(.dns, offset: 0, .notName)),
        ("350361ff62", .badValue(.dns, offset: 0, .notName)),
        ("3503612f62", .badValue(.dns, offset: 0, .notName)),
        ("05", .unknownCode(5, offset: 0)), ("c003bd03", .unknownCode(445, offset: 2)),
        ("35ffffffffffffffff7f", .truncated(.dns, offset: 0)),
        ("a50300", .badValue(.p2p, offset: 0, .notPeerID(.badMultihash(.badVarint(.truncated))))),
        (
            "a503021100",
            .badValue(.p2p, offset: 0, .notPeerID(.unsupportedMultihash(code: 0x11, digestByteCount: 0)))
        ),
    ])
    func `wrong bytes are refused with the place and the reason`(hex: String, error: MultiaddrError) throws {
        let broken = try bytes(hex)
        #expect(throws: error) { try Multiaddr(packed: broken) }
    }

    @Test func `an error names protocol, code, place and what to write`() {
        #expect(
            MultiaddrError.badValue(.tcp, offset: 12, .notNumber(maximum: 65535)).description
                == "the value of tcp (code 6) at byte 12 is wrong: not a number from 0 to 65535; write /tcp/4001"
        )
        #expect(
            MultiaddrError.unknownCode(445, offset: 2).description
                == "the multiaddr has the unknown protocol code 445 at byte 2; skip this address")
    }

    @Test func `an error escapes what a stranger wrote`() {
        #expect(
            MultiaddrError.unknownName("a\u{1b}[2J", offset: 0).description
                == #"the multiaddr has the unknown protocol "a\u{1B}[2J" at byte 0; check its spelling"#)
    }

    @Test func `an address has at most 1024 bytes and 32 components`() throws {
        let path = String(repeating: "a", count: 1018)
        #expect(try Multiaddr("/unix/\(path)").bytes.count == 1023)
        #expect(try Multiaddr("/unix/\(path)a").bytes.count == 1024)
        #expect(throws: MultiaddrError.tooLong(byteCount: 1025, limit: 1024)) {
            try Multiaddr("/unix/\(path)aa")
        }
        #expect(throws: MultiaddrError.tooLong(byteCount: 1025, limit: 1024)) {
            try Multiaddr(packed: [UInt8](repeating: 0, count: 1025))
        }
        #expect(throws: MultiaddrError.tooLong(byteCount: 4097, limit: 4096)) {
            try Multiaddr("/" + String(repeating: "a", count: 4096))
        }
        #expect(try Multiaddr(String(repeating: "/ws", count: 32)).components.count == 32)
        #expect(throws: MultiaddrError.tooManyComponents(limit: 32)) {
            try Multiaddr(String(repeating: "/ws", count: 33))
        }
        let name = String(repeating: "a", count: 253)
        #expect(try Multiaddr("/dns/\(name)").description == "/dns/\(name)")
        #expect(throws: MultiaddrError.badValue(.dns, offset: 0, .nameTooLong(byteCount: 254, limit: 253))) {
            try Multiaddr("/dns/\(name)a")
        }
    }

    /// Found by fuzzing: the text of many percent-encoded paths was longer than the limit of texts.
    @Test func `the longest text of any address is read back`() throws {
        var packed: [UInt8] = []
        for index in 0..<32 {
            let count = index == 31 ? 1024 - packed.count - 3 : 28
            packed += [0xe1, 0x03, UInt8(count)] + [UInt8](repeating: 0, count: count)
        }
        let address = try Multiaddr(packed: packed)
        #expect(address.bytes.count == 1024)
        #expect(try Multiaddr(address.description) == address)
    }
}
