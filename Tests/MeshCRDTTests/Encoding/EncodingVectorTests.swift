import MeshCore
import Testing

@testable import MeshCRDT

/// Held against what lib0 0.2.117 and node made of the same input.
@Suite struct EncodingVectorTests {
    private let vectors: EncodingVectors
    private let depthLimit = 64

    init() throws {
        vectors = try EncodingVectors.load()
    }

    @Test func `unsigned numbers have lib0's bytes in both directions`() throws {
        #expect(vectors.varUint.count == 15)
        for vector in vectors.varUint {
            let number = try #require(UInt64(vector.text))
            var bytes: [UInt8] = []
            bytes.appendVarUint(number)
            #expect(bytes == vector.bytes)
            var reader = ByteReader(bytes)
            #expect(try reader.varUint() == number)
            #expect(reader.isAtEnd)
        }
    }

    @Test func `signed numbers have lib0's bytes, with a sign on zero`() throws {
        #expect(vectors.varInt.count == 15)
        for vector in vectors.varInt {
            let isNegative = vector.text.hasPrefix("-")
            let magnitude = try #require(UInt64(vector.text.drop { sign in sign == "-" }))
            var bytes: [UInt8] = []
            bytes.appendVarInt(magnitude: magnitude, isNegative: isNegative)
            #expect(bytes == vector.bytes)
            var reader = ByteReader(bytes)
            let read = try reader.varInt()
            #expect(read == (magnitude, isNegative))
            #expect(reader.isAtEnd)
        }
    }

    @Test func `doubles have lib0's bytes and JavaScript's digits`() throws {
        #expect(vectors.numbers.count > 700)
        for vector in vectors.numbers {
            var any: [UInt8] = []
            AnyCodec.append(.number(vector.number), to: &any)
            #expect(any == vector.any, "\(vector.text)")
            var json: [UInt8] = []
            JSONText.append(.number(vector.number), to: &json)
            #expect(String(decoding: json, as: UTF8.self) == vector.json)
            var text: [UInt8] = []
            JavaScriptNumber.append(vector.number, to: &text)
            #expect(String(decoding: text, as: UTF8.self) == vector.text)
            var reader = ByteReader(any)
            #expect(try AnyCodec.decode(&reader, depthLimit: 0) == .number(vector.number))
        }
    }

    @Test func `texts are valid, and as long, as TextDecoder says`() {
        #expect(vectors.utf8.contains { vector in vector.utf16Count < 0 })
        for vector in vectors.utf8 {
            let expected = vector.utf16Count < 0 ? nil : vector.utf16Count
            #expect(UTF16Text.validate(vector.bytes, 0..<vector.bytes.count) == expected, "\(vector.bytes)")
            if let expected {
                #expect(UTF16Text.utf16Count(vector.bytes, 0..<vector.bytes.count) == expected)
            }
        }
    }

    @Test func `UTF-16 units end where JavaScript's slices end`() {
        for vector in vectors.offsets {
            let range = 0..<vector.bytes.count
            for (units, place) in vector.places.enumerated() {
                let found = UTF16Text.byteOffset(in: vector.bytes, range, ofUTF16: units)
                #expect(found == (place.offset, place.cutsPair), "\(units) of \(vector.bytes)")
            }
            let beyond = UTF16Text.byteOffset(in: vector.bytes, range, ofUTF16: vector.places.count + 9)
            #expect(beyond == (vector.bytes.count, false))
        }
    }

    @Test func `lib0's values come back in the same bytes and give the same JSON`() throws {
        #expect(vectors.values.count == 500)
        for vector in vectors.values {
            var reader = ByteReader(vector.any)
            let value = try AnyCodec.decode(&reader, depthLimit: depthLimit)
            #expect(reader.isAtEnd)
            var any: [UInt8] = []
            AnyCodec.append(value, to: &any)
            #expect(any == vector.any)
            if let json = vector.json {
                #expect(value.json == json)
            }
        }
    }

    @Test func `bytes are read, refused and rewritten as lib0 does it`() throws {
        #expect(vectors.read.contains { vector in vector.canonical == nil })
        for vector in vectors.read {
            var skipper = ByteReader(vector.bytes)
            guard let canonical = vector.canonical else {
                #expect(throws: UpdateError.self, "\(Hex.encode(vector.bytes))") {
                    _ = try AnyCodec.skip(&skipper, depthLimit: depthLimit)
                }
                continue
            }
            let isCanonical = try AnyCodec.skip(&skipper, depthLimit: depthLimit)
            #expect(skipper.offset == vector.byteCount)
            let isSame = vector.bytes[..<vector.byteCount].elementsEqual(canonical)
            if isCanonical { #expect(isSame, "\(Hex.encode(vector.bytes))") }
            if isSame, vector.byteCount < 200 { #expect(isCanonical, "\(Hex.encode(vector.bytes))") }
            var reader = ByteReader(vector.bytes)
            var rewritten: [UInt8] = [1, 2, 3]
            try AnyCodec.appendCanonical(from: &reader, depthLimit: depthLimit, to: &rewritten)
            #expect(reader.offset == vector.byteCount)
            #expect(Hex.encode([UInt8](rewritten.dropFirst(3))) == Hex.encode(canonical))
            reader = ByteReader(vector.bytes)
            var decoded: [UInt8] = []
            AnyCodec.append(try AnyCodec.decode(&reader, depthLimit: depthLimit), to: &decoded)
            #expect(decoded == canonical)
        }
    }

    @Test func `JSON texts are read, refused and rewritten as JavaScript does it`() throws {
        #expect(vectors.parsed.contains { vector in vector.json == nil })
        for vector in vectors.parsed {
            let text = [UInt8](vector.text.utf8)
            guard let json = vector.json, let any = vector.any else {
                #expect(throws: UpdateError.self, "\(vector.text)") { try AnyValue(json: vector.text) }
                #expect(throws: UpdateError.self, "\(vector.text)") {
                    _ = try JSONText.isCanonical(text, 0..<text.count, depthLimit: depthLimit)
                }
                continue
            }
            let value = try AnyValue(json: vector.text)
            var encoded: [UInt8] = []
            AnyCodec.append(value, to: &encoded)
            #expect(encoded == any, "\(vector.text)")
            // Half a pair has no place in a Swift text.
            if !json.contains("\\ud") { #expect(value.json.hasSameBytes(as: json)) }
            let isCanonical = try JSONText.isCanonical(text, 0..<text.count, depthLimit: depthLimit)
            if isCanonical { #expect(vector.text.hasSameBytes(as: json)) }
            if vector.text.hasSameBytes(as: json), text.count < 200 { #expect(isCanonical, "\(vector.text)") }
        }
    }
}
