/// The value of a format marker, with what JavaScript's comparison of objects needs.
struct FormatValue {
    var value: AnyValue
    /// For an object the marker that it came with: copies of one object in several markers are the same to JavaScript.
    var identity: ID?

    /// What a key without a marker has.
    static var null: FormatValue { FormatValue(value: .null, identity: nil) }

    var isNull: Bool {
        if case .null = value { true } else { false }
    }

    /// Whether it is an object to JavaScript, which compares objects by identity.
    var isObject: Bool {
        switch value {
        case .array, .object, .binary: true
        case .undefined, .null, .bool, .number, .bigInt, .string: false
        }
    }

    /// Whether JavaScript's `===` holds.
    func isSame(as other: FormatValue) -> Bool {
        if isObject || other.isObject { return identity != nil && identity == other.identity }
        return Self.isSame(value, other.value)
    }

    /// Whether Yjs takes both for the same attribute: objects are compared property by property, one level deep.
    ///
    /// Source: Yjs 13.6 `equalAttrs`, lib0 0.2.117 `object.equalFlat`.
    func isEqual(to other: FormatValue) -> Bool {
        if isSame(as: other) { return true }
        guard isObject, other.isObject else { return false }
        let left = Self.properties(of: value)
        let right = Self.properties(of: other.value)
        guard left.count == right.count else { return false }
        return left.allSatisfy { property in
            right.contains { candidate in
                candidate.key.hasSameBytes(as: property.key) && Self.isSame(candidate.value, property.value)
            }
        }
    }

    /// `===` of plain values; objects, of which nothing more is known, are never the same.
    private static func isSame(_ left: AnyValue, _ right: AnyValue) -> Bool {
        switch (left, right) {
        case (.number(let left), .number(let right)): left == right
        case (.array, _), (.object, _), (.binary, _): false
        default: left == right
        }
    }

    private static func properties(of value: AnyValue) -> [(key: String, value: AnyValue)] {
        switch value {
        case .object(let fields): Array(fields)
        case .array(let values): values.enumerated().map { place, value in (String(place), value) }
        case .binary(let bytes):
            bytes.enumerated().map { place, byte in (String(place), .number(Double(byte))) }
        case .undefined, .null, .bool, .number, .bigInt, .string: []
        }
    }
}

/// Attributes by key, in the order in which they were set: what is in force at a place of a text, or what is wanted there.
///
/// Keys are told apart by their UTF-8; a look-up is linear in the number of attributes.
struct FormatAttributes {
    private(set) var entries: [(key: String, value: FormatValue)] = []

    init() {}

    /// The attributes that a caller wants, in JavaScript's order of properties.
    init(_ fields: AnyFields) {
        entries = fields.map { field in (field.key, FormatValue(value: field.value, identity: nil)) }
    }

    var isEmpty: Bool { entries.isEmpty }

    /// The value of a key; setting an old key keeps its place.
    subscript(key: String) -> FormatValue? {
        get {
            for entry in entries where entry.key.hasSameBytes(as: key) { return entry.value }
            return nil
        }
        set {
            guard let place = entries.firstIndex(where: { $0.key.hasSameBytes(as: key) }) else {
                if let newValue { entries.append((key, newValue)) }
                return
            }
            if let newValue { entries[place].value = newValue } else { entries.remove(at: place) }
        }
    }

    /// Takes in what a marker says: null ends an attribute.
    mutating func update(_ key: String, _ value: FormatValue) {
        self[key] = value.isNull ? nil : value
    }

    /// The same as the properties of a JavaScript object, in which array indexes come first.
    var orderedAsProperties: FormatAttributes {
        guard entries.contains(where: { AnyFields.arrayIndex($0.key) != nil }) else { return self }
        var ordered = FormatAttributes()
        for field in fields { ordered.entries.append((field.key, self[field.key] ?? .null)) }
        return ordered
    }

    /// The attributes as a plain object.
    var fields: AnyFields {
        AnyFields(entries.map { entry in (entry.key, entry.value.value) })
    }
}
