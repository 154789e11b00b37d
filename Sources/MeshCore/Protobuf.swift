/// Why bytes are not a protobuf message, and where.
public enum ProtobufError: Error, Hashable, Sendable {
    /// The message ends inside a field that starts at byte `offset`.
    case truncated(offset: Int)
    /// A varint at byte `offset` is longer than ten bytes.
    case varintTooLong(offset: Int)
    /// Field number zero, or above 2^29 - 1, at byte `offset`.
    case badFieldNumber(offset: Int)
    /// A wire type that proto3 does not use (groups included), at byte `offset`.
    case badWireType(UInt8, offset: Int)
    /// A known field came with a wire type that its schema does not have.
    case unexpectedWireType(field: Int)
    /// A required field is missing.
    case missingField(Int)
    /// More repeated values than the schema's limit.
    case tooManyValues(field: Int, limit: Int)
    /// A field is longer than its limit.
    case fieldTooLong(field: Int, byteCount: Int, limit: Int)
    /// A text field is not UTF-8.
    case notUTF8(field: Int)
}

/// One field of a protobuf message: its number and its value, bytes as a range of the message.
@frozen
public struct ProtobufField: Sendable {
    /// A value by wire type.
    @frozen
    public enum Value: Sendable {
        /// Wire type 0.
        case varint(UInt64)
        /// Wire type 1, little endian.
        case fixed64(UInt64)
        /// Wire type 2: the range that the content has in the message.
        case bytes(Range<Int>)
        /// Wire type 5, little endian.
        case fixed32(UInt32)
    }

    /// The field number, 1 to 2^29 - 1.
    public var number: Int
    /// The value.
    public var value: Value

    /// Creates a field.
    @inlinable
    public init(number: Int, value: Value) {
        self.number = number
        self.value = value
    }

    /// The value as a varint; throws when the wire type is another.
    @inlinable
    public func varint() throws(ProtobufError) -> UInt64 {
        guard case .varint(let value) = value else { throw .unexpectedWireType(field: number) }
        return value
    }

    /// The content's range in the message; throws when the wire type is another, or beyond `limit` bytes.
    @inlinable
    public func range(limit: Int = .max) throws(ProtobufError) -> Range<Int> {
        guard case .bytes(let range) = value else { throw .unexpectedWireType(field: number) }
        guard range.count <= limit else {
            throw .fieldTooLong(field: number, byteCount: range.count, limit: limit)
        }
        return range
    }

    /// A copy of the content, at most `limit` bytes.
    @inlinable
    public func bytes(of message: RawSpan, limit: Int = .max) throws(ProtobufError) -> [UInt8] {
        message.array(try range(limit: limit))
    }

    /// The content as text, at most `limit` bytes of valid UTF-8.
    public func text(of message: RawSpan, limit: Int = .max) throws(ProtobufError) -> String {
        let content = try bytes(of: message, limit: limit)
        guard let text = String(validating: content, as: UTF8.self) else { throw .notUTF8(field: number) }
        return text
    }
}

/// Walks the fields of one protobuf message without copying.
///
/// Source: protobuf.dev, "Encoding".
///
/// ```swift
/// var reader = ProtobufReader()
/// while let field = try reader.next(in: message) { switch field.number { … } }
/// ```
/// Unknown fields are the caller's to skip; groups are refused.
@frozen
public struct ProtobufReader: Sendable {
    /// Where the next field starts.
    public var offset = 0

    /// Creates a reader at the start of a message.
    @inlinable
    public init() {}

    /// The next field, or nil at the end of `message`.
    @inlinable
    public mutating func next(in message: RawSpan) throws(ProtobufError) -> ProtobufField? {
        let start = offset
        guard start < message.byteCount else { return nil }
        let tag = try varint(message)
        let number = tag >> 3
        guard number > 0, number < 1 << 29 else { throw .badFieldNumber(offset: start) }
        switch tag & 7 {
        case 0:
            return ProtobufField(number: Int(number), value: .varint(try varint(message)))
        case 1:
            guard message.byteCount - offset >= 8 else { throw .truncated(offset: start) }
            let raw = message.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
            offset += 8
            return ProtobufField(number: Int(number), value: .fixed64(UInt64(littleEndian: raw)))
        case 2:
            let length = try varint(message)
            guard length <= UInt64(message.byteCount - offset) else { throw .truncated(offset: start) }
            let range = offset..<offset + Int(length)
            offset = range.upperBound
            return ProtobufField(number: Int(number), value: .bytes(range))
        case 5:
            guard message.byteCount - offset >= 4 else { throw .truncated(offset: start) }
            let raw = message.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
            offset += 4
            return ProtobufField(number: Int(number), value: .fixed32(UInt32(littleEndian: raw)))
        default:
            throw .badWireType(UInt8(tag & 7), offset: start)
        }
    }

    @inlinable
    mutating func varint(_ message: RawSpan) throws(ProtobufError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        let start = offset
        while offset < message.byteCount {
            let byte = message.byte(at: offset)
            offset += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
            guard shift < 70 else { throw .varintTooLong(offset: start) }
        }
        throw .truncated(offset: start)
    }
}

/// Appends protobuf fields to an array, in the order of the calls and with minimal varints.
@frozen
public struct ProtobufWriter: Sendable {
    /// The message so far.
    public var bytes: [UInt8]

    /// Creates an empty message, or one that continues `bytes`.
    @inlinable
    public init(_ bytes: [UInt8] = []) {
        self.bytes = bytes
    }

    /// Appends a varint field (also enums and booleans).
    @inlinable
    public mutating func varint(_ field: Int, _ value: UInt64) {
        Varint.append(UInt64(field) << 3, to: &bytes)
        Varint.append(value, to: &bytes)
    }

    /// Appends a bytes field.
    @inlinable
    public mutating func bytes(_ field: Int, _ value: [UInt8]) {
        header(field, byteCount: value.count)
        bytes.append(contentsOf: value)
    }

    /// Appends a bytes field.
    @inlinable
    public mutating func bytes(_ field: Int, _ value: RawSpan) {
        header(field, byteCount: value.byteCount)
        bytes.append(value)
    }

    /// Appends a text field.
    @inlinable
    public mutating func text(_ field: Int, _ value: String) {
        header(field, byteCount: value.utf8.count)
        bytes.append(contentsOf: value.utf8)
    }

    /// Appends a nested message that `body` writes.
    @inlinable
    public mutating func message(_ field: Int, _ body: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        body(&inner)
        bytes(field, inner.bytes)
    }

    @inlinable
    mutating func header(_ field: Int, byteCount: Int) {
        Varint.append(UInt64(field) << 3 | 2, to: &bytes)
        Varint.append(UInt64(byteCount), to: &bytes)
    }
}
