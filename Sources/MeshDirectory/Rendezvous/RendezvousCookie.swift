import MeshCore
import MeshCrypto

/// Makes and checks the cookies of one rendezvous point.
///
/// A cookie is the position up to which its holder has seen the registrations of a namespace, with a tag that only
/// this point can make. 16 bytes and the namespace, because rust-libp2p reads every cookie so.
/// Source: Specs/registry.md, "Cookies".
struct RendezvousCookies: Sendable {
    private static let fixedByteCount = 16
    private static let domain = Array("meshp2p-rendezvous-cookie\0".utf8)

    private let secret: Bytes32

    init(secret: Bytes32) {
        self.secret = secret
    }

    /// The cookie for a holder that has seen everything up to `position` of `namespace`, nil for all.
    func cookie(position: UInt64, namespace: RendezvousNamespace?) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(position)
        bytes.appendBigEndian(tag(position: position, namespace: namespace))
        bytes.append(contentsOf: namespace?.utf8 ?? [])
        return bytes
    }

    /// The position in `cookie`; nil when this point did not make it for `namespace`.
    func position(of cookie: [UInt8], namespace: RendezvousNamespace?) -> UInt64? {
        guard cookie.count >= Self.fixedByteCount else { return nil }
        let bytes = cookie.span.bytes
        let position = bytes.bigEndian(at: 0, as: UInt64.self)
        let tag = bytes.bigEndian(at: 8, as: UInt64.self)
        // The tag is one word, so its comparison takes the same time wherever it differs.
        guard tag == self.tag(position: position, namespace: namespace) else { return nil }
        guard cookie[Self.fixedByteCount...].elementsEqual(namespace?.utf8 ?? []) else { return nil }
        return position
    }

    private func tag(position: UInt64, namespace: RendezvousNamespace?) -> UInt64 {
        var message = Self.domain
        message.appendBigEndian(position)
        message.append(contentsOf: namespace?.utf8 ?? [])
        return HMACSHA256.code(of: message.span.bytes, key: secret).word0
    }
}
