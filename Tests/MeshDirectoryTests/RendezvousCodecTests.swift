import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDirectory

/// The file rendezvous.json.
struct RendezvousVectors: Decodable {
    struct Cookies: Decodable {
        struct Case: Decodable {
            var position: UInt64
            var namespace: String
            var cookie: HexBytes
        }
        var secret: HexBytes
        var cases: [Case]
    }
    var peer: String
    var unsigned: HexBytes
    var records: [String: HexBytes]
    var messages: [String: HexBytes]
    var cookies: Cookies

    static func load() throws -> RendezvousVectors { try Fixtures.vectors("rendezvous.json") }

    func record(_ form: String) throws -> [UInt8] { try #require(records[form]).bytes }
}

struct RendezvousCodecTests {
    private func expected(_ vectors: RendezvousVectors) throws -> [String: RendezvousMessage] {
        let interoperable = try vectors.record("interoperable")
        let one = RendezvousRegistration(
            namespace: "meshp2p", signedPeerRecord: interoperable, ttlSeconds: 7_000)
        return [
            "register": RendezvousClient.register(
                in: "meshp2p", signedPeerRecord: interoperable, ttlSeconds: 7_200),
            "registerWithoutTTL": RendezvousClient.register(
                in: "meshp2p", signedPeerRecord: try vectors.record("legacy")),
            "registerResponse": .registerResponse(status: .ok, statusText: "", ttlSeconds: 7_200),
            "registerRefused": .registerResponse(status: .unavailable, statusText: "full", ttlSeconds: nil),
            "unregister": .unregister("meshp2p"),
            "discover": RendezvousClient.discover(in: "meshp2p", limit: 5, cookie: Array("cookie".utf8)),
            "discoverAll": RendezvousClient.discover(in: nil),
            "discoverResponse": .discoverResponse(
                RendezvousDiscovery(registrations: [one], cookie: Array("next".utf8))),
        ]
    }

    @Test func `messages are written and read as another implementation does`() throws {
        let vectors = try RendezvousVectors.load()
        let expected = try expected(vectors)
        #expect(Set(expected.keys) == Set(vectors.messages.keys))
        for (name, bytes) in vectors.messages {
            let message = try RendezvousMessage(decoding: bytes.bytes.span.bytes)
            #expect(message == expected[name], "\(name)")
            #expect(message.encoded == bytes.bytes, "\(name)")
        }
    }

    @Test func `an empty message is a registration without anything, as proto2 says`() throws {
        let message = try RendezvousMessage(decoding: [UInt8]().span.bytes)
        #expect(message == .register(RendezvousRegistration(namespace: "", signedPeerRecord: [])))
    }

    @Test func `a body of another type is skipped`() throws {
        var writer = ProtobufWriter()
        writer.varint(1, 2)
        writer.message(4) { $0.text(1, "here") }
        writer.bytes(5, [0xff, 0xff])
        #expect(try RendezvousMessage(decoding: writer.bytes.span.bytes) == .unregister("here"))
    }

    @Test func `a type that does not exist is an error`() {
        var writer = ProtobufWriter()
        writer.varint(1, 5)
        #expect(throws: RendezvousError.unknownType(5)) {
            try RendezvousMessage(decoding: writer.bytes.span.bytes)
        }
        writer = ProtobufWriter()
        writer.varint(1, .max)
        #expect(throws: RendezvousError.unknownType(.max)) {
            try RendezvousMessage(decoding: writer.bytes.span.bytes)
        }
    }

    @Test func `the peer id that old clients send with UNREGISTER is ignored`() throws {
        var writer = ProtobufWriter()
        writer.varint(1, 2)
        writer.message(4) { inner in
            inner.text(1, "ns")
            inner.bytes(2, [1, 2, 3])
        }
        #expect(try RendezvousMessage(decoding: writer.bytes.span.bytes) == .unregister("ns"))
    }

    @Test func `an answer has at most 1000 registrations`() throws {
        func answer(_ count: Int) -> [UInt8] {
            let one = RendezvousRegistration(namespace: "n", signedPeerRecord: [1])
            let all = Array(repeating: one, count: count)
            return RendezvousMessage.discoverResponse(RendezvousDiscovery(registrations: all)).encoded
        }
        _ = try RendezvousMessage(decoding: answer(1_000).span.bytes)
        #expect(throws: RendezvousError.malformed(.tooManyValues(field: 1, limit: 1_000))) {
            try RendezvousMessage(decoding: answer(1_001).span.bytes)
        }
    }

    @Test func `cookies, texts and namespaces are bounded`() throws {
        func throwsTooLong(_ message: RendezvousMessage) -> Bool {
            do throws(RendezvousError) {
                _ = try RendezvousMessage(decoding: message.encoded.span.bytes)
                return false
            } catch {
                guard case .malformed(.fieldTooLong) = error else { return false }
                return true
            }
        }
        let text = { (count: Int) in String(repeating: "x", count: count) }
        #expect(
            !throwsTooLong(.discover(namespace: nil, limit: nil, cookie: Array(repeating: 0, count: 1_024))))
        #expect(
            throwsTooLong(.discover(namespace: nil, limit: nil, cookie: Array(repeating: 0, count: 1_025))))
        #expect(!throwsTooLong(.unregister(RendezvousNamespace(text(4_096)))))
        #expect(throwsTooLong(.unregister(RendezvousNamespace(text(4_097)))))
        #expect(!throwsTooLong(.registerResponse(status: .ok, statusText: text(1_024), ttlSeconds: nil)))
        #expect(throwsTooLong(.registerResponse(status: .ok, statusText: text(1_025), ttlSeconds: nil)))
    }

    @Test func `a namespace that is not UTF-8 is malformed`() {
        var writer = ProtobufWriter()
        writer.varint(1, 2)
        writer.message(4) { $0.bytes(1, [0xff]) }
        #expect(throws: RendezvousError.malformed(.notUTF8(field: 1))) {
            try RendezvousMessage(decoding: writer.bytes.span.bytes)
        }
    }
}

struct RendezvousCookieTests {
    @Test func `cookies are those that another implementation computes`() throws {
        let vectors = try RendezvousVectors.load().cookies
        let cookies = RendezvousCookies(secret: try #require(Bytes32(vectors.secret.bytes)))
        for vector in vectors.cases {
            let namespace = vector.namespace.isEmpty ? nil : RendezvousNamespace(vector.namespace)
            #expect(cookies.cookie(position: vector.position, namespace: namespace) == vector.cookie.bytes)
            #expect(cookies.position(of: vector.cookie.bytes, namespace: namespace) == vector.position)
        }
    }

    @Test func `a cookie is bound to every bit, its namespace and its point`() {
        let cookies = RendezvousCookies(secret: Bytes32(1, 2, 3, 4))
        let cookie = cookies.cookie(position: 5, namespace: "here")
        #expect(cookies.position(of: cookie, namespace: "here") == 5)
        #expect(cookies.position(of: cookie, namespace: "there") == nil)
        #expect(cookies.position(of: cookie, namespace: nil) == nil)
        #expect(RendezvousCookies(secret: .zero).position(of: cookie, namespace: "here") == nil)
        for index in cookie.indices {
            for bit in 0..<8 {
                var bytes = cookie
                bytes[index] ^= 1 << bit
                #expect(cookies.position(of: bytes, namespace: "here") == nil)
            }
        }
        for count in 0..<cookie.count {
            #expect(cookies.position(of: Array(cookie.prefix(count)), namespace: "here") == nil)
        }
        #expect(cookies.position(of: cookie + [0x78], namespace: "here") == nil)
    }
}
