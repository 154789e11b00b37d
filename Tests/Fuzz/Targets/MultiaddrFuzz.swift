import MeshCore
import MeshMultiformats

/// Addresses, identities and their texts: what parses prints, and what prints parses to the same.
enum MultiaddrFuzz {
    static func run(_ input: [UInt8]) throws {
        if let address = try? Multiaddr(bytes: input.span.bytes) { try check(address) }
        let text = String(decoding: input, as: UTF8.self)
        if let address = try? Multiaddr(text) { try check(address) }
        if let peer = try? PeerID(multihash: input.span.bytes) { try check(peer) }
        if let peer = try? PeerID(text) { try check(peer) }
        if let cid = try? CID(bytes: input.span.bytes) { try check(cid) }
        if let cid = try? CID(text) { try check(cid) }
        if let key = try? DIDKey.parse(text) {
            try promise(DIDKey.string(for: key) == text, "did:key is canonical: \(text)")
        }
    }

    private static func check(_ address: Multiaddr) throws {
        let text = address.description
        guard let again = try? Multiaddr(text) else {
            throw FuzzViolation(
                description: "a printed address parses: \(text) of \(Hex.encode(address.bytes))")
        }
        try promise(again == address, "a printed address parses to itself: \(text) gives \(again)")
        guard let packed = try? Multiaddr(bytes: address.bytes.span.bytes) else {
            throw FuzzViolation(description: "a packed address unpacks: \(text)")
        }
        try promise(packed == address, "a packed address unpacks to itself: \(text)")
        try promise(address.bytes.count <= Multiaddr.maximumByteCount, "the size limit holds: \(text)")
        try promise(
            address.components.count <= Multiaddr.maximumComponentCount, "the component limit holds: \(text)")
        if let peer = address.peerID { try check(peer) }
    }

    private static func check(_ peer: PeerID) throws {
        try promise((try? PeerID(peer.description)) == peer, "a printed peer id parses: \(peer)")
        try promise((try? PeerID(peer.cidV1)) == peer, "a peer id as CID parses: \(peer.cidV1)")
        try promise(
            (try? PeerID(multihash: peer.multihash.span.bytes)) == peer, "a packed peer id unpacks: \(peer)")
        if let key = peer.publicKey {
            try promise(key.peerID == peer, "an inlined key names its peer: \(peer)")
        }
    }

    private static func check(_ cid: CID) throws {
        try promise((try? CID(bytes: cid.bytes.span.bytes)) == cid, "a packed CID unpacks: \(cid)")
        try promise((try? CID(cid.description)) == cid, "a printed CID parses: \(cid)")
    }
}
