/// The fields of an object, in the order that JavaScript gives to the properties of an object.
///
/// Keys that are array indices ("0" to "4294967294") come first, ascending; the others follow in the order in which they came.
/// A key that comes again keeps its place and takes the new value. Keys are told apart by their UTF-8. A look-up takes time
/// linear in the number of fields. Source: ECMA-262, `OrdinaryOwnPropertyKeys`.
public struct AnyFields: Sendable {
    private struct Field: Sendable {
        var key: String
        var value: AnyValue
    }

    /// Beyond this many fields, keys that came twice are found by a dictionary.
    private static let smallCount = 16

    private var fields: [Field] = []
    /// How many fields at the front have an array index as their key.
    private var indexCount = 0

    /// Creates an object without fields.
    public init() {}

    /// Creates an object from fields in the order in which they were assigned.
    public init(_ assigned: [(key: String, value: AnyValue)]) {
        guard assigned.count > Self.smallCount else {
            fields.reserveCapacity(assigned.count)
            for field in assigned {
                self[field.key] = field.value
            }
            return
        }
        var places: [ByteKey: Int] = [:]
        var indices: [(index: UInt32, field: Field)] = []
        var others: [Field] = []
        for (key, value) in assigned {
            let index = Self.arrayIndex(key)
            if let place = places[ByteKey(string: key)] {
                if index != nil {
                    indices[place].field.value = value
                } else {
                    others[place].value = value
                }
                continue
            }
            if let index {
                places[ByteKey(string: key)] = indices.count
                indices.append((index, Field(key: key, value: value)))
            } else {
                places[ByteKey(string: key)] = others.count
                others.append(Field(key: key, value: value))
            }
        }
        indices.sort { left, right in left.index < right.index }
        indexCount = indices.count
        fields = indices.map(\.field) + others
    }

    /// The keys, in order.
    public var keys: [String] { fields.map(\.key) }

    /// The value of `key`; assigning nil takes the field away.
    public subscript(key: String) -> AnyValue? {
        get {
            place(of: key).map { place in fields[place].value }
        }
        set {
            let place = place(of: key)
            switch (place, newValue) {
            case (let place?, let value?):
                fields[place].value = value
            case (let place?, nil):
                fields.remove(at: place)
                indexCount -= place < indexCount ? 1 : 0
            case (nil, let value?):
                insert(Field(key: key, value: value))
            case (nil, nil):
                break
            }
        }
    }

    /// The index that `key` spells as JavaScript would spell it; nil when it is no array index.
    static func arrayIndex(_ key: String) -> UInt32? {
        arrayIndex(key.utf8)
    }

    /// The index that a key's bytes spell; nil when they are no array index.
    ///
    /// Source: ECMA-262, "array index".
    static func arrayIndex(_ key: some Collection<UInt8>) -> UInt32? {
        guard let first = key.first, first >= 0x30, first <= 0x39, key.count <= 10 else { return nil }
        guard first != 0x30 || key.count == 1 else { return nil }
        var index: UInt64 = 0
        for digit in key {
            guard digit >= 0x30, digit <= 0x39 else { return nil }
            index = index * 10 + UInt64(digit - 0x30)
        }
        return index < UInt64(UInt32.max) ? UInt32(index) : nil
    }

    private func place(of key: String) -> Int? {
        fields.firstIndex { field in field.key.hasSameBytes(as: key) }
    }

    private mutating func insert(_ field: Field) {
        guard let index = Self.arrayIndex(field.key) else {
            fields.append(field)
            return
        }
        var place = indexCount
        while place > 0, let before = Self.arrayIndex(fields[place - 1].key), before > index {
            place -= 1
        }
        fields.insert(field, at: place)
        indexCount += 1
    }
}

extension AnyFields: RandomAccessCollection {
    /// The place of the first field.
    public var startIndex: Int { 0 }

    /// The place behind the last field.
    public var endIndex: Int { fields.count }

    /// The field at `position` of the order.
    public subscript(position: Int) -> (key: String, value: AnyValue) {
        (fields[position].key, fields[position].value)
    }
}

extension AnyFields: Hashable {
    /// Whether both have equal fields in the same order.
    public static func == (left: AnyFields, right: AnyFields) -> Bool {
        left.fields.count == right.fields.count
            && zip(left.fields, right.fields).allSatisfy { pair in
                pair.0.key.hasSameBytes(as: pair.1.key) && pair.0.value == pair.1.value
            }
    }

    /// Mixes the keys and values into `hasher`.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(fields.count)
        for field in fields {
            field.key.hashBytes(into: &hasher)
            hasher.combine(field.value)
        }
    }
}

extension AnyFields: ExpressibleByDictionaryLiteral {
    /// Creates an object from fields in the order in which they are written.
    public init(dictionaryLiteral elements: (String, AnyValue)...) {
        self.init(elements.map { element in (key: element.0, value: element.1) })
    }
}
