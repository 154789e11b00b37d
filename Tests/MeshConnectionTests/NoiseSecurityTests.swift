import MeshCore
import MeshCrypto
import MeshMultiformats
import Testing

@testable import MeshConnection

@Suite struct NoiseSecurityTests {
    /// What both sides of a handshake ended with.
    private struct Ends {
        var dialer: Result<NoiseSecurity.Secured, NoiseError>?
        var listener: Result<NoiseSecurity.Secured, NoiseError>?
        var dialerBytes: [UInt8] = []
    }

    private func run(
        expected: PeerID? = nil, dialerMuxers: [String] = [], listenerMuxers: [String] = [],
        dialerIdentity: ConnectionIdentity = ConnectionTestPair.dialerIdentity,
        listenerIdentity: ConnectionIdentity = ConnectionTestPair.listenerIdentity
    ) throws -> Ends {
        var rng = SeededGenerator(seed: 21)
        var ends = Ends()
        var dialer = NoiseSecurity(
            role: .dialer, identity: dialerIdentity, expectedPeer: expected, muxers: dialerMuxers)
        var listener = NoiseSecurity(
            role: .listener, identity: listenerIdentity, expectedPeer: nil, muxers: listenerMuxers)
        var toListener: [UInt8] = []
        var toDialer: [UInt8] = []
        try dialer.start(using: &rng, into: &toListener)
        try listener.start(using: &rng, into: &toDialer)
        while !toListener.isEmpty || !toDialer.isEmpty {
            ends.dialerBytes += toListener
            var offset = 0
            var bytes = toListener
            toListener = []
            do throws(NoiseError) {
                let secured = try listener.receive(
                    bytes.span.bytes, at: &offset, using: &rng, into: &toDialer)
                if let secured { ends.listener = .success(secured) }
            } catch {
                ends.listener = .failure(error)
            }
            offset = 0
            bytes = toDialer
            toDialer = []
            do throws(NoiseError) {
                let secured = try dialer.receive(
                    bytes.span.bytes, at: &offset, using: &rng, into: &toListener)
                if let secured { ends.dialer = .success(secured) }
            } catch {
                ends.dialer = .failure(error)
            }
        }
        return ends
    }

    @Test func `both sides learn each other and the same session`() throws {
        let ends = try run(expected: ConnectionTestPair.listenerIdentity.peerID)
        var dialer = try #require(try ends.dialer?.get())
        var listener = try #require(try ends.listener?.get())
        #expect(dialer.peer == ConnectionTestPair.listenerIdentity.peerID)
        #expect(listener.peer == ConnectionTestPair.dialerIdentity.peerID)
        #expect(dialer.publicKey.peerID == dialer.peer)
        #expect(dialer.handshakeHash == listener.handshakeHash)
        var wire: [UInt8] = []
        var opened: [UInt8] = []
        try dialer.transport.sealMessage(([1, 2, 3] as [UInt8]).span.bytes, appendingTo: &wire)
        try listener.transport.openMessage(wire.span.bytes, appendingTo: &opened)
        #expect(opened == [1, 2, 3])
    }

    @Test(
        arguments: [
            (["/yamux/1.0.0"], ["/yamux/1.0.0"], "/yamux/1.0.0"),
            (["/a", "/b", "/c"], ["/c", "/b"], "/b"),
            ([], ["/yamux/1.0.0"], nil),
            (["/yamux/1.0.0"], [], nil),
        ] as [([String], [String], String?)])
    func `the muxer is the dialer's first that the listener lists too`(
        dialer: [String], listener: [String], muxer: String?
    ) throws {
        let ends = try run(dialerMuxers: dialer, listenerMuxers: listener)
        #expect(try ends.dialer?.get().muxer == muxer)
        #expect(try ends.listener?.get().muxer == muxer)
    }

    @Test func `lists without a common muxer fail before message 3`() throws {
        let ends = try run(dialerMuxers: ["/a"], listenerMuxers: ["/b"])
        guard case .failure(let error) = ends.dialer else {
            Issue.record("the dialer did not fail")
            return
        }
        #expect(error == .noCommonMuxer(ours: ["/a"], theirs: ["/b"]))
        #expect(ends.dialerBytes.count == 34, "only message 1 left")
    }

    @Test func `another peer than expected is refused before message 3`() throws {
        let expected = ConnectionTestPair.identity(99).peerID
        let actual = ConnectionTestPair.listenerIdentity.peerID
        let ends = try run(expected: expected)
        guard case .failure(let error) = ends.dialer else {
            Issue.record("the dialer did not fail")
            return
        }
        #expect(error == .wrongPeer(expected: expected, actual: actual))
        #expect(error.description.contains("\(actual)"))
        #expect(ends.listener == nil)
        #expect(ends.dialerBytes.count == 34, "only message 1 left")
    }

    @Test func `a static key that the identity did not sign is refused by both sides`() throws {
        var rng = SeededGenerator(seed: 31)
        let key = IdentityKey(using: &rng)
        let honest = ConnectionIdentity(key, using: &rng)
        let stolen = ConnectionIdentity(
            key: honest, signatureOf: ConnectionIdentity(IdentityKey(using: &rng), using: &rng))
        var ends = try run(listenerIdentity: stolen)
        guard case .failure(.badSignature(honest.peerID)) = ends.dialer else {
            Issue.record("the dialer took a stolen identity")
            return
        }
        ends = try run(dialerIdentity: stolen)
        guard case .failure(.badSignature(honest.peerID)) = ends.listener else {
            Issue.record("the listener took a stolen identity")
            return
        }
    }
}

extension ConnectionIdentity {
    /// The identity key of `key` with the static key and the signature of another identity.
    init(key: ConnectionIdentity, signatureOf other: ConnectionIdentity) {
        self.init(
            peerID: key.peerID, encodedKey: key.encodedKey, staticKey: other.staticKey,
            staticKeySignature: other.staticKeySignature)
    }
}
