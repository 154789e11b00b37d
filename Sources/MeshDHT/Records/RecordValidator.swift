import MeshCore

/// Why a value record is refused.
public enum RecordError: Error, Hashable, Sendable {
    /// The key begins with `/` but no namespace follows, or it is not text.
    case malformedNamespace
    /// Nobody validates keys of this namespace here.
    case unknownNamespace(String)
    /// The key has no namespace, and this network does not take such keys.
    case plainKeyRefused
    /// The value is longer than the limit.
    case valueTooLong(byteCount: Int, limit: Int)
    /// The value is empty.
    case emptyValue
    /// The key does not have the form that its namespace demands.
    case malformedKey
    /// The value does not have the form that its namespace demands.
    case malformedValue
    /// The value belongs to another key.
    case keyMismatch
    /// A signature in the value is not its signer's.
    case badSignature
    /// The provider, this node, has no address at which others could reach it.
    case noAddresses
    /// The value was valid until this time.
    case expired(UnixTime)
    /// The value carries a time that lies too far ahead.
    case fromTheFuture(UnixTime)
}

/// Knows which values may be stored under the keys of one namespace, and which of several is the best.
public protocol RecordValidator: Sendable {
    /// Throws when `value` may not be stored under `key` at the time `time`.
    func validate(key: [UInt8], value: [UInt8], at time: UnixTime) throws(RecordError)

    /// The index of the best of `values`, which are valid and at least one; the first of equals.
    func select(key: [UInt8], values: [[UInt8]]) -> Int
}

/// The validators of a node by namespace: the text between the first two slashes of a key.
public struct RecordValidators: Sendable {
    /// Whether keys without a namespace are accepted; any value is valid then, and the newest is the best.
    public var acceptsPlainKeys: Bool
    private var byNamespace: [String: any RecordValidator]

    /// Creates the validators `validators` and the built-in one of `/pk`.
    public init(_ validators: [String: any RecordValidator] = [:], acceptsPlainKeys: Bool = true) {
        byNamespace = validators
        if byNamespace["pk"] == nil { byNamespace["pk"] = PublicKeyRecordValidator() }
        self.acceptsPlainKeys = acceptsPlainKeys
    }

    /// Throws when `value` may not be stored under `key` at the time `time`.
    public func validate(key: [UInt8], value: [UInt8], at time: UnixTime) throws(RecordError) {
        guard !value.isEmpty else { throw .emptyValue }
        guard let namespace = try Self.namespace(of: key) else {
            guard acceptsPlainKeys else { throw .plainKeyRefused }
            return
        }
        guard let validator = byNamespace[namespace] else { throw .unknownNamespace(namespace) }
        try validator.validate(key: key, value: value, at: time)
    }

    /// The index of the best of `values`, which are valid; the first of equals.
    public func select(key: [UInt8], values: [[UInt8]]) -> Int {
        guard values.count > 1, let namespace = (try? Self.namespace(of: key)) ?? nil,
            let validator = byNamespace[namespace]
        else { return 0 }
        return min(max(validator.select(key: key, values: values), 0), values.count - 1)
    }

    /// Whether a search that knows `value` should take `other` instead.
    ///
    /// When the validator prefers neither, the greater bytes win, so that all nodes agree on one. Without a namespace
    /// nothing tells them apart.
    func prefers(_ other: [UInt8], to value: [UInt8], key: [UInt8]) -> Bool {
        guard other != value, hasOrder(key) else { return false }
        guard select(key: key, values: [value, other]) == 0 else { return true }
        return select(key: key, values: [other, value]) == 0 && value.lexicographicallyPrecedes(other)
    }

    /// Whether a store that has `value` may take `other` instead: the same, a better one, or without a namespace
    /// any.
    func mayReplace(_ value: [UInt8], with other: [UInt8], key: [UInt8]) -> Bool {
        other == value || !hasOrder(key) || prefers(other, to: value, key: key)
    }

    private func hasOrder(_ key: [UInt8]) -> Bool {
        guard let namespace = (try? Self.namespace(of: key)) ?? nil else { return false }
        return byNamespace[namespace] != nil
    }

    /// The namespace of `key`, or nil when it does not begin with a slash.
    static func namespace(of key: [UInt8]) throws(RecordError) -> String? {
        guard key.first == UInt8(ascii: "/") else { return nil }
        guard let end = key.dropFirst().firstIndex(of: UInt8(ascii: "/")), end > 1,
            let namespace = String(validating: key[1..<end], as: UTF8.self)
        else { throw .malformedNamespace }
        return namespace
    }
}
