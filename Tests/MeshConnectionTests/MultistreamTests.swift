import Foundation
import MeshCore
import Testing

@testable import MeshConnection

@Suite struct MultistreamTests {
    private struct Vectors: Decodable {
        var messages: [String: String]
    }

    /// Feeds `bytes` in chunks of `size` and returns what was agreed and how many bytes were taken.
    private func feed(
        _ listener: inout MultistreamListener, _ bytes: [UInt8], protocols: [String], size: Int,
        into output: inout [UInt8]
    ) throws -> (agreed: String?, taken: Int) {
        var start = 0
        while start < bytes.count {
            let end = min(start + size, bytes.count)
            let chunk = Array(bytes[start..<end])
            var offset = 0
            if let agreed = try listener.receive(
                chunk.span.bytes, at: &offset, protocols: protocols, into: &output)
            {
                return (agreed, start + offset)
            }
            #expect(offset == chunk.count)
            start = end
        }
        return (nil, start)
    }

    private func messages(_ texts: String...) -> [UInt8] {
        texts.flatMap { Multistream.encode($0) }
    }

    @Test func `messages have the bytes of the specification`() throws {
        let vectors = try JSONDecoder().decode(
            Vectors.self, from: ConnectionTestVectors.data("multistream/messages.json"))
        #expect(!vectors.messages.isEmpty)
        for (text, hex) in vectors.messages { #expect(Hex.encode(Multistream.encode(text)) == hex) }
    }

    @Test(arguments: [1, 2, 3, 1000])
    func `a listener answers header, unknown proposals and a known one, and leaves what follows`(
        size: Int
    ) throws {
        var listener = MultistreamListener()
        var output: [UInt8] = []
        let negotiation = messages("/multistream/1.0.0", "/tls/1.0.0", "/noise")
        let (agreed, taken) = try feed(
            &listener, negotiation + [9, 9, 9], protocols: ["/noise"], size: size, into: &output)
        #expect(agreed == "/noise")
        #expect(taken == negotiation.count)
        #expect(output == messages("/multistream/1.0.0", "na", "/noise"))
    }

    @Test func `simultaneous connect is answered na`() throws {
        var listener = MultistreamListener()
        var output: [UInt8] = []
        let negotiation = messages("/multistream/1.0.0", "/libp2p/simultaneous-connect", "/noise")
        let (agreed, _) = try feed(
            &listener, negotiation, protocols: ["/noise"], size: 100, into: &output)
        #expect(agreed == "/noise")
        #expect(output == messages("/multistream/1.0.0", "na", "/noise"))
    }

    @Test func `the header is answered at once, for dialers that wait for it`() throws {
        var listener = MultistreamListener()
        var output: [UInt8] = []
        _ = try feed(
            &listener, messages("/multistream/1.0.0"), protocols: ["/noise"], size: 1, into: &output)
        #expect(output == messages("/multistream/1.0.0"))
    }

    @Test func `ls lists the protocols inside one message and the negotiation goes on`() throws {
        var listener = MultistreamListener()
        var output: [UInt8] = []
        let negotiation = messages("/multistream/1.0.0", "ls", "/b")
        let (agreed, _) = try feed(
            &listener, negotiation, protocols: ["/a", "/b"], size: 4, into: &output)
        #expect(agreed == "/b")
        let list = messages("/a", "/b") + [0x0a]
        #expect(output == messages("/multistream/1.0.0") + [UInt8(list.count)] + list + messages("/b"))
    }

    @Test func `a list of very many protocols stays within one message`() throws {
        var listener = MultistreamListener()
        var output: [UInt8] = []
        let protocols = (0..<500).map { "/protocol/\($0)" }
        _ = try feed(
            &listener, messages("/multistream/1.0.0", "ls"), protocols: protocols, size: 64, into: &output)
        #expect(output.count <= 20 + 2 + Multistream.maximumMessageByteCount)
    }

    @Test func `a listener stops after the limit of proposals`() throws {
        var listener = MultistreamListener(maximumProposalCount: 3)
        var output: [UInt8] = []
        let within = messages("/multistream/1.0.0", "/a", "/b", "ls")
        _ = try feed(&listener, within, protocols: ["/noise"], size: 7, into: &output)
        #expect(throws: MultistreamError.tooManyProposals(limit: 3)) {
            _ = try feed(&listener, messages("/d"), protocols: ["/noise"], size: 7, into: &output)
        }
    }

    @Test func `a message of the limit is taken and one byte more is refused before it arrives`() throws {
        let longest = "/" + String(repeating: "x", count: Multistream.maximumMessageByteCount - 2)
        var listener = MultistreamListener()
        var output: [UInt8] = []
        let (agreed, _) = try feed(
            &listener, messages("/multistream/1.0.0", longest), protocols: [longest], size: 100,
            into: &output)
        #expect(agreed == longest)

        listener = MultistreamListener()
        let prefix = messages("/multistream/1.0.0") + [0x81, 0x08]
        #expect(throws: MultistreamError.messageTooLong(byteCount: 1025, limit: 1024)) {
            _ = try feed(&listener, prefix, protocols: [longest], size: 100, into: &output)
        }
    }

    @Test(
        arguments: [
            ([0x00], MultistreamError.missingNewline(byteCount: 0)),
            ([0x02, 0x61, 0x61], .missingNewline(byteCount: 2)),
            ([0x80, 0x00], .badLength(.notMinimal)),
            ([0x80, 0x80, 0x01], .badLength(.tooLong(limit: 2))),
            ([0xff, 0x7f], .messageTooLong(byteCount: 16383, limit: 1024)),
            ([0x03, 0xff, 0xfe, 0x0a], .notUTF8(byteCount: 3)),
        ] as [([UInt8], MultistreamError)])
    func `malformed messages are refused by their fault`(bytes: [UInt8], error: MultistreamError) throws {
        for size in [1, 100] {
            var listener = MultistreamListener()
            var output: [UInt8] = []
            #expect(throws: error) {
                _ = try feed(
                    &listener, messages("/multistream/1.0.0") + bytes, protocols: ["/a"], size: size,
                    into: &output)
            }
        }
    }

    @Test func `a foreign protocol is noticed at its first byte and shown`() throws {
        var listener = MultistreamListener()
        var output: [UInt8] = []
        var offset = 0
        let greeting = Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)
        let error = #expect(throws: MultistreamError.self) {
            _ = try listener.receive(greeting.span.bytes, at: &offset, protocols: [], into: &output)
        }
        #expect(error?.description.contains("SSH-2.0-OpenSSH") == true)
        #expect(output.isEmpty)
    }

    @Test func `a dialer sends the header with its first proposal, and the next after na`() throws {
        var dialer = MultistreamDialer(proposals: ["/a", "/b"])
        var output: [UInt8] = []
        dialer.start(into: &output)
        #expect(output == messages("/multistream/1.0.0", "/a"))
        output = []
        var outcome: MultistreamDialer.Outcome?
        for byte in messages("/multistream/1.0.0", "na") {
            var offset = 0
            outcome = try dialer.receive([byte].span.bytes, at: &offset, into: &output)
            #expect(outcome == nil)
        }
        #expect(output == messages("/b"))
        var offset = 0
        let rest = messages("/b") + [1, 2]
        outcome = try dialer.receive(rest.span.bytes, at: &offset, into: &output)
        #expect(outcome == .agreed("/b"))
        #expect(offset == rest.count - 2)
        outcome = try dialer.receive(rest.span.bytes, at: &offset, into: &output)
        #expect(outcome == nil, "a finished negotiation takes nothing")
    }

    @Test func `a dialer is refused after its last proposal`() throws {
        var dialer = MultistreamDialer(proposals: ["/a"])
        var output: [UInt8] = []
        dialer.start(into: &output)
        var offset = 0
        let answer = messages("/multistream/1.0.0", "na")
        let outcome = try dialer.receive(answer.span.bytes, at: &offset, into: &output)
        #expect(outcome == .refused)
    }

    @Test func `a dialer refuses an answer that it did not ask for`() throws {
        var dialer = MultistreamDialer(proposals: ["/a"])
        var output: [UInt8] = []
        dialer.start(into: &output)
        var offset = 0
        let answer = messages("/multistream/1.0.0", "/b")
        #expect(throws: MultistreamError.unexpectedAnswer("/b", proposal: "/a")) {
            _ = try dialer.receive(answer.span.bytes, at: &offset, into: &output)
        }
    }

    @Test(arguments: 0..<64) func `garbage never traps and never reads past its end`(seed: UInt64) {
        var rng = SeededGenerator(seed: seed)
        var listener = MultistreamListener()
        var dialer = MultistreamDialer(proposals: ["/a", "/b"])
        var output: [UInt8] = []
        dialer.start(into: &output)
        let header = messages("/multistream/1.0.0")
        for _ in 0..<200 {
            var garbage: [UInt8] = Bool.random(using: &rng) ? header : []
            garbage.appendRandom(Int.random(in: 0..<40, using: &rng), using: &rng)
            if !garbage.isEmpty, Bool.random(using: &rng) { garbage[garbage.count - 1] = 0x0a }
            var offset = 0
            if (try? listener.receive(garbage.span.bytes, at: &offset, protocols: ["/a"], into: &output))
                == nil
            {
                listener = MultistreamListener()
            }
            #expect(offset <= garbage.count, "seed \(seed)")
            offset = 0
            do {
                if try dialer.receive(garbage.span.bytes, at: &offset, into: &output) != nil { break }
            } catch {
                dialer = MultistreamDialer(proposals: ["/a", "/b"])
                dialer.start(into: &output)
            }
            #expect(offset <= garbage.count, "seed \(seed)")
        }
    }

    @Test func `texts that cannot be a protocol id are known`() {
        #expect(Multistream.isValid("/a"))
        #expect(!Multistream.isValid(""))
        #expect(!Multistream.isValid("/a\n/b"))
        #expect(!Multistream.isValid(String(repeating: "x", count: 1024)))
    }

    @Test func `peer text is escaped in messages`() {
        #expect(PeerText.quote(Array("a\u{1b}[31m\"\\".utf8)) == #""a\x1b[31m\"\\""#)
        #expect(PeerText.quote([UInt8](repeating: 0x61, count: 100)).hasSuffix("…\""))
    }
}
