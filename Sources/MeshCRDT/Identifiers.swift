/// A number that one writer of a document uses for all its changes; below 2^53.
///
/// Yjs draws 32 bits, yrs and Yjs 14 draw 53. Source: Yjs 13.6 `Doc.clientID`.
public typealias ClientID = UInt64

/// The place of one unit of content in the sequence of all that a client wrote.
///
/// Yjs allows clocks up to 2^53; here, as in yrs, a client's clock ends at 2^32 - 1, and an update beyond that is refused.
public typealias Clock = UInt32

/// The name of one unit of content: who wrote it, and as which of its units.
public struct ID: Hashable, Sendable, Comparable {
    /// The client that wrote it.
    public var client: ClientID
    /// Its place among the client's units.
    public var clock: Clock

    /// Creates the name of `client`'s unit `clock`.
    @inlinable
    public init(client: ClientID, clock: Clock) {
        self.client = client
        self.clock = clock
    }

    /// Ordered by client, then by clock.
    @inlinable
    public static func < (left: ID, right: ID) -> Bool {
        left.client == right.client ? left.clock < right.clock : left.client < right.client
    }
}

/// The two encodings of an update.
public enum UpdateFormat: UInt8, Hashable, Sendable, CaseIterable {
    /// The first format: structs one after the other.
    case v1 = 1
    /// The second: fields in run-length encoded columns.
    case v2 = 2
}

/// What a struct of an update holds; the raw value is the number on the wire.
public enum ContentKind: UInt8, Hashable, Sendable, CaseIterable {
    /// Content that is gone together with the type that held it.
    case gc = 0
    /// Content that was deleted, with its place kept.
    case deleted = 1
    /// Values as JSON text, written by early versions of Yjs.
    case json = 2
    /// One byte string.
    case binary = 3
    /// Text, counted in UTF-16 code units.
    case string = 4
    /// One value inside a text.
    case embed = 5
    /// The start or end of an attribute inside a text.
    case format = 6
    /// A nested shared type.
    case type = 7
    /// Values in the lib0 "any" encoding.
    case any = 8
    /// A nested document.
    case document = 9
    /// A gap: structs that the update does not have.
    case skip = 10

    /// Whether its units count as elements of a list or a text.
    @inlinable
    public var isCountable: Bool {
        switch self {
        case .json, .binary, .string, .embed, .type, .any, .document: true
        case .gc, .deleted, .format, .skip: false
        }
    }
}

/// The kinds of shared types; the raw value is the number on the wire.
public enum TypeKind: UInt8, Hashable, Sendable, CaseIterable {
    case array = 0
    case map = 1
    case text = 2
    case xmlElement = 3
    case xmlFragment = 4
    case xmlHook = 5
    case xmlText = 6
    /// A root that only updates have mentioned so far; never on the wire.
    case undefined = 15
}
