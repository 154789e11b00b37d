import MeshMultiformats

/// What a search in the directory looks for.
public enum MeshQuery: Hashable, Sendable {
    /// Every mesh that claims the name.
    case name(MeshName)
    /// Every mesh that says it has the capability.
    case capability(MeshCapability)
    /// The one mesh of the peer id.
    case peer(PeerID)

    /// Reads what a person typed for a mesh: a DID, a peer id, or else a name.
    public init(mesh text: String) throws(MeshQueryError) {
        if text.utf8.starts(with: "did:".utf8) {
            do {
                self = .peer(try DIDKey.parse(text).peerID)
            } catch {
                throw .badDID
            }
            return
        }
        if text.utf8.count >= MeshName.shortestPeerIDByteCount {
            do {
                self = .peer(try PeerID(text))
                return
            } catch {}
        }
        do throws(DirectoryNameError) {
            self = .name(try MeshName(typed: text))
        } catch {
            throw .badName(error)
        }
    }

    /// Reads what a person typed for a capability.
    public init(capability text: String) throws(MeshQueryError) {
        do throws(DirectoryNameError) {
            self = .capability(try MeshCapability(typed: text))
        } catch {
            throw .badName(error)
        }
    }

    /// The multihash whose providers are the claimants; nil when the query names the one peer.
    public var providerKey: [UInt8]? {
        switch self {
        case .name(let name): DirectoryKeys.name(name)
        case .capability(let capability): DirectoryKeys.capability(capability)
        case .peer: nil
        }
    }

    /// Whether `record` is what the query looks for.
    public func matches(_ record: MeshRecord) -> Bool {
        switch self {
        case .name(let name): record.name.normalizedUTF8 == name.normalizedUTF8
        case .capability(let capability): record.capabilities.contains(capability)
        case .peer(let peer): record.peerID == peer
        }
    }
}

/// Why a text cannot be searched for.
public enum MeshQueryError: Error, Hashable, Sendable {
    /// It begins with `did:` and is not a did:key that this node knows.
    case badDID
    /// It is not a valid name or capability.
    case badName(DirectoryNameError)
}

extension MeshQueryError: CustomStringConvertible {
    /// One sentence that says what is wrong and what to do.
    public var description: String {
        switch self {
        case .badDID: "this is not a did:key of a supported key; give did:key:z6Mk…"
        case .badName(let error): error.description
        }
    }
}
