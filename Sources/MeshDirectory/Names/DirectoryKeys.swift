import MeshCore
import MeshMultiformats

/// The multihashes under which the providers of a name or of a capability are found.
///
/// The domain in front keeps the two kinds, and every other use of provider records, apart.
/// Source: Specs/directory.md, "Keys".
public enum DirectoryKeys {
    /// What precedes a normalised name.
    static let nameDomain = Array("/meshp2p/directory/name/1\0".utf8)
    /// What precedes a capability.
    static let capabilityDomain = Array("/meshp2p/directory/capability/1\0".utf8)

    /// The multihash bytes for the providers of `name`.
    public static func name(_ name: MeshName) -> [UInt8] {
        Multihash.sha256(of: nameDomain + name.normalizedUTF8).encoded
    }

    /// The multihash bytes for the providers of `capability`.
    public static func capability(_ capability: MeshCapability) -> [UInt8] {
        Multihash.sha256(of: capabilityDomain + Array(capability.text.utf8)).encoded
    }

    /// Every key that a mesh with this record provides: its name's, then its capabilities' in their order.
    public static func provided(by record: MeshRecord) -> [[UInt8]] {
        [name(record.name)] + record.capabilities.map { capability($0) }
    }
}
