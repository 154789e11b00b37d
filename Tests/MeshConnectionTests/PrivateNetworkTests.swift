import MeshCore
import Testing

@testable import MeshConnection

@Suite struct PrivateNetworkTests {
    private static let key = PresharedKey(Bytes32(1, 2, 3, 4))

    @Test(arguments: ConnectionTestChunking.allCases)
    func `two members of a network connect and nothing recognisable is on the wire`(
        chunking: ConnectionTestChunking
    ) throws {
        var pair = ConnectionTestPair(chunking: chunking, dialerKey: Self.key, listenerKey: Self.key)
        pair.run()
        let stream = try pair.dialerOpens(["/echo/1.0.0"])
        try pair.dialerWrites(ConnectionTestPair.pattern(3000), to: stream)
        pair.run()
        #expect(pair.listener.received[stream] == ConnectionTestPair.pattern(3000))
        #expect(pair.dialer.info?.peer == ConnectionTestPair.listenerIdentity.peerID)
        let header = Multistream.encodedHeader
        for transcript in [pair.dialer.transcript, pair.listener.transcript] {
            #expect(!transcript.indices.contains { transcript[$0...].starts(with: header) })
        }
    }

    @Test func `without a connection's handshake each direction starts with its own nonce`() {
        let pair = ConnectionTestPair(dialerKey: Self.key, listenerKey: Self.key)
        #expect(pair.listener.effects.outbound.count == 24)
        #expect(pair.dialer.effects.outbound.count > 24)
        #expect(pair.listener.effects.outbound != Array(pair.dialer.effects.outbound.prefix(24)))
    }

    @Test(arguments: [PresharedKey(Bytes32(1, 2, 3, 5)), nil])
    func `another key, or none, ends the connection at its first bytes`(key: PresharedKey?) throws {
        var pair = ConnectionTestPair(dialerKey: Self.key, listenerKey: key)
        pair.run()
        guard case .some(.multistream(.notMultistream, during: .securityNegotiation)) = pair.listener.closing
        else {
            Issue.record("\(String(describing: pair.listener.closing))")
            return
        }
        #expect(!pair.dialer.isEstablished)
        #expect(!pair.listener.isEstablished)
    }

    @Test func `a swarm key file reads back, with both line ends`() throws {
        #expect(try PresharedKey(file: Array(Self.key.file.utf8)).key == Self.key.key)
        let windows = Self.key.file.split(separator: "\n").joined(separator: "\r\n")
        #expect(try PresharedKey(file: Array(windows.utf8)).key == Self.key.key)
        let binary = Array("/key/swarm/psk/1.0.0/\n/bin/\n".utf8) + Self.key.key.bytes
        #expect(try PresharedKey(file: binary).key == Self.key.key)
        let base64 = "/key/swarm/psk/1.0.0/\n/base64/\nAAAAAAAAAAEAAAAAAAAAAgAAAAAAAAADAAAAAAAAAAQ=\n"
        #expect(try PresharedKey(file: Array(base64.utf8)).key == Self.key.key)
    }

    @Test(arguments: [
        ("", PresharedKeyError.badHeader),
        ("/key/swarm/psk/2.0.0/\n/base16/\n00", .badHeader),
        ("/key/swarm/psk/1.0.0/", .unknownEncoding),
        ("/key/swarm/psk/1.0.0/\n/base32/\n00", .unknownEncoding),
        ("/key/swarm/psk/1.0.0/\n/base16/\nxyz", .badDigits),
        ("/key/swarm/psk/1.0.0/\n/base16/\n0011", .badLength(byteCount: 2)),
        ("/key/swarm/psk/1.0.0/\n/base16/", .badLength(byteCount: 0)),
    ])
    func `what is wrong with a swarm key file is named`(text: String, error: PresharedKeyError) {
        #expect(throws: error) { _ = try PresharedKey(file: Array(text.utf8)) }
    }

    @Test func `a key shows nothing of itself`() {
        let digits = "0000000000000001"
        #expect(!"\(Self.key)".contains(digits))
        #expect(!String(reflecting: Self.key).contains(digits))
        var dump = ""
        Swift.dump(Self.key, to: &dump)
        #expect(!dump.contains("word"))
    }
}
