import MeshCore

/// A position in the order of the listing: the normalised name, then the DID, both by bytes.
public struct RegistryCursor: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The bytes of the normalised name.
    public let name: [UInt8]
    /// The bytes of the DID.
    public let did: [UInt8]

    /// The position of an entry.
    public init(_ entry: RegistryEntry) {
        name = entry.name.normalizedUTF8
        did = Array(entry.did.utf8)
    }

    /// Reads the text form; nil when it is not one.
    public init?(_ text: String) {
        guard text.utf8.count <= MeshName.maximumByteCount * 2 + 1 + MeshRecordLimits.didByteCount else {
            return nil
        }
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let name = Hex.decode(parts[0]) else { return nil }
        self.name = name
        did = Array(parts[1].utf8)
    }

    /// The text form: the name in hexadecimal, a point, the DID.
    public var description: String { Hex.encode(name) + "." + String(decoding: did, as: UTF8.self) }

    /// Orders as the listing does.
    public static func < (left: RegistryCursor, right: RegistryCursor) -> Bool {
        if left.name != right.name { return left.name.lexicographicallyPrecedes(right.name) }
        return left.did.lexicographicallyPrecedes(right.did)
    }
}
