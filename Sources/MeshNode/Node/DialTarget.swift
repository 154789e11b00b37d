import MeshMultiformats

/// What a person names when dialling.
enum DialTarget {
    /// An address, with a peer id or without.
    case address(Multiaddr)
    /// A peer id or a DID that stands for one.
    case peer(PeerID)
    /// A mesh name.
    case name(String)

    /// Tells the forms apart by their first characters; a malformed one is refused with its reason.
    init(_ text: String) throws {
        if text.hasPrefix("/") {
            do {
                self = .address(try Multiaddr(text))
            } catch {
                throw MeshFailure(.badArgument, "\(text) is not a multiaddr: \(error)")
            }
        } else if text.hasPrefix("did:") {
            self = .peer(try Self.peer(did: text))
        } else if let peer = try? PeerID(text) {
            self = .peer(peer)
        } else if Self.looksLikePeerID(text) {
            throw MeshFailure(
                .badArgument, "\(text) is not a peer id: a character is wrong or missing",
                next: "copy it whole, for example from `meshp2p id --json`")
        } else {
            self = .name(text)
        }
    }

    /// The peer of a `did:key`.
    static func peer(did: String) throws -> PeerID {
        do {
            return try DIDKey.parse(did).peerID
        } catch {
            throw MeshFailure(
                .badArgument, "\(did) is not a DID that this node can read: \(error)",
                next: "only did:key is supported, with an Ed25519 key for meshes")
        }
    }

    /// `12D3KooW…`, `16Uiu2…`, `Qm…` and CIDs of peers are never meant as names.
    private static func looksLikePeerID(_ text: String) -> Bool {
        let prefixes = ["12D3KooW", "16Uiu2HA", "Qm", "bafz", "k51q"]
        return text.count >= 40 && prefixes.contains { text.hasPrefix($0) }
    }
}
