/// What ``Updates/obfuscate(_:format:options:limits:)`` replaces besides texts and values.
public struct ObfuscationOptions: Hashable, Sendable {
    /// Keys and values of formats.
    public var formatting = true
    /// The guid and the options of nested documents.
    public var documents = true
    /// The names of XML elements and hooks.
    public var xmlNames = true

    /// Creates options that replace everything.
    public init() {}
}

/// Replaces contents by the number of the struct; equal keys, names and plain format values stay equal.
///
/// Source: Yjs 13.6 `obfuscateUpdateV2`.
private struct Obfuscator {
    private let options: ObfuscationOptions
    private var number = 0
    private var keys: [[UInt8]: [UInt8]] = [:]
    private var nodeNames: [[UInt8]: [UInt8]] = [:]
    private var formatKeys: [[UInt8]: [UInt8]] = [:]
    private var formatValues: [[UInt8]: [UInt8]] = [:]
    private(set) var buffer: [UInt8] = []

    init(_ options: ObfuscationOptions) {
        self.options = options
        // The end of a format stays one.
        formatValues[[AnyCodec.Tag.null]] = [AnyCodec.Tag.null]
    }

    /// Rewrites a struct; what it replaced, and what lay in the reader's scratch, lies in `buffer` then.
    mutating func replace<Reader: UpdateReading>(_ wire: inout WireStruct, _ reader: Reader) {
        buffer.removeAll(keepingCapacity: true)
        if case .root(let name) = wire.parent { wire.parent = .root(keep(name, reader)) }
        if let key = wire.key { wire.key = replace(key: key, reader) }
        guard wire.kind != .gc, wire.kind != .skip else { return }
        let bytes = reader.buffer(of: wire.content)
        let start = buffer.count
        if appendContent(wire, bytes) {
            wire.content = WireBytes(start..<buffer.count, isScratch: true)
        } else {
            wire.content = keep(wire.content, reader)
        }
        number += 1
    }

    private var decimal: [UInt8] { Array(String(number).utf8) }

    private mutating func keep<Reader: UpdateReading>(_ bytes: WireBytes, _ reader: Reader) -> WireBytes {
        bytes.isScratch ? append(Array(reader.scratch[bytes.range])) : bytes
    }

    private mutating func append(_ bytes: [UInt8]) -> WireBytes {
        let start = buffer.count
        buffer.append(contentsOf: bytes)
        return WireBytes(start..<buffer.count, isScratch: true)
    }

    private mutating func replace<Reader: UpdateReading>(key: WireBytes, _ reader: Reader) -> WireBytes {
        guard key.count > 0 else { return keep(key, reader) }
        let name = Array(reader.buffer(of: key)[key.range])
        return append(Self.cached(name, in: &keys, decimal))
    }

    /// Appends what takes the place of the content; false when it stays.
    private mutating func appendContent(_ wire: WireStruct, _ bytes: [UInt8]) -> Bool {
        switch wire.kind {
        case .gc, .skip, .deleted: return false
        case .type: return appendType(wire, bytes)
        case .any:
            for _ in 0..<wire.length { AnyCodec.append(number: Double(number), to: &buffer) }
        case .json:
            for _ in 0..<wire.length { buffer.appendVarBytes(decimal) }
        case .binary: buffer.append(UInt8(truncatingIfNeeded: number))
        case .document:
            guard options.documents else { return false }
            buffer.appendVarBytes(decimal)
            AnyCodec.append(.object(AnyFields()), to: &buffer)
        case .embed: AnyCodec.append(.object(AnyFields()), to: &buffer)
        case .format:
            guard options.formatting else { return false }
            appendFormat(wire, bytes)
        case .string:
            let digit = UInt8(ascii: "0") + UInt8(number % 10)
            buffer.append(contentsOf: repeatElement(digit, count: Int(wire.length)))
        }
        return true
    }

    private mutating func appendType(_ wire: WireStruct, _ bytes: [UInt8]) -> Bool {
        let kind = bytes[wire.content.start]
        guard options.xmlNames, wire.content.count > 1 else { return false }
        let name = CanonicalContent.name(bytes, wire.content.start + 1..<wire.content.end)
        let prefix = kind == TypeKind.xmlElement.rawValue ? "node-" : "hook-"
        let replacement = Self.cached(Array(bytes[name]), in: &nodeNames, Array(prefix.utf8) + decimal)
        buffer.append(kind)
        buffer.appendVarBytes(replacement)
        return true
    }

    private mutating func appendFormat(_ wire: WireStruct, _ bytes: [UInt8]) {
        let name = CanonicalContent.name(bytes, wire.content.range)
        buffer.appendVarBytes(Self.cached(Array(bytes[name]), in: &formatKeys, decimal))
        var value = Array(bytes[name.upperBound..<wire.content.end])
        var replacement: [UInt8] = []
        var fields = AnyFields()
        fields["i"] = .number(Double(number))
        AnyCodec.append(.object(fields), to: &replacement)
        switch value[0] {
        case AnyCodec.Tag.object, AnyCodec.Tag.array, AnyCodec.Tag.binary:
            // No two objects are the same to JavaScript.
            buffer.append(contentsOf: replacement)
        default:
            // -0 is the same as 0.
            if value == [AnyCodec.Tag.integer, 0x40] { value[1] = 0 }
            buffer.append(contentsOf: Self.cached(value, in: &formatValues, replacement))
        }
    }

    private static func cached(
        _ key: [UInt8], in cache: inout [[UInt8]: [UInt8]], _ replacement: [UInt8]
    ) -> [UInt8] {
        if let known = cache[key] { return known }
        cache[key] = replacement
        return replacement
    }
}

extension UpdateTranscoder {
    /// Writes all that `reader` reads, with other contents.
    static func obfuscate<Reader: UpdateReading>(
        _ reader: inout Reader, _ options: ObfuscationOptions
    ) throws(UpdateError) -> [UInt8] {
        var output = UpdateTranscoder()
        var obfuscator = Obfuscator(options)
        var wire = WireStruct()
        while try reader.next(&wire) {
            obfuscator.replace(&wire, reader)
            output.write(wire, input: reader.input, scratch: obfuscator.buffer)
        }
        return output.finish(try DeleteSet(asReadFrom: &reader, for: Writer.format))
    }
}
