import MeshCore
import Testing

@testable import MeshCRDT

/// Random values and random damage; the seed is the test's argument.
@Suite struct AnyPropertyTests {
    /// Draws values of every kind, with keys that collide and sort.
    struct Source {
        var rng: SeededGenerator
        /// Numbers that JSON keeps only the first digits of.
        var hasBigInts = true

        mutating func text() -> String {
            let pieces = ["a", "Z", "é", "e\u{301}", "中", "😀", "\"", "\\", "\n", "\u{1}", "7"]
            return (0..<Int.random(in: 0...6, using: &rng)).map { _ in
                pieces.randomElement(using: &rng) ?? ""
            }
            .joined()
        }

        mutating func key() -> String {
            Bool.random(using: &rng) ? text() : String(Int.random(in: 0...30, using: &rng))
        }

        mutating func number() -> Double {
            switch Int.random(in: 0...4, using: &rng) {
            case 0: Double(Int.random(in: -70...70, using: &rng))
            case 1: Double(Int32.random(in: .min ... .max, using: &rng))
            case 2: Double(Float(bitPattern: UInt32.random(in: 0...0x7f7f_ffff, using: &rng)))
            case 3: [0, -0.0, .nan, .infinity, 0.1, 1e21].randomElement(using: &rng) ?? 0
            default: Double(bitPattern: rng.next())
            }
        }

        mutating func value(depth: Int = 0) -> AnyValue {
            switch Int.random(in: 0...(depth < 4 ? 9 : 6), using: &rng) {
            case 0: return .undefined
            case 1: return .null
            case 2: return .bool(Bool.random(using: &rng))
            case 3: return .number(number())
            case 4: return hasBigInts ? .bigInt(Int64(bitPattern: rng.next())) : .number(number())
            case 5: return .string(text())
            case 6: return .binary((0..<Int.random(in: 0...5, using: &rng)).map { UInt8($0) })
            case 7:
                return .array((0..<Int.random(in: 0...5, using: &rng)).map { _ in value(depth: depth + 1) })
            default:
                let count = Int.random(in: 0...(depth == 0 ? 40 : 6), using: &rng)
                return .object(AnyFields((0..<count).map { _ in (key(), value(depth: depth + 1)) }))
            }
        }
    }

    @Test(arguments: 0..<20) func `values come back as they were`(seed: Int) throws {
        var source = Source(rng: SeededGenerator(seed: UInt64(seed)))
        for _ in 0..<100 {
            let value = source.value()
            var bytes: [UInt8] = []
            AnyCodec.append(value, to: &bytes)
            var reader = ByteReader(bytes)
            #expect(try AnyCodec.decode(&reader, depthLimit: 8) == value)
            #expect(reader.isAtEnd)
            reader = ByteReader(bytes)
            let isCanonical = try AnyCodec.skip(&reader, depthLimit: 8)
            #expect(isCanonical || bytes.count > 64)
            reader = ByteReader(bytes)
            var canonical: [UInt8] = []
            try AnyCodec.appendCanonical(from: &reader, depthLimit: 8, to: &canonical)
            #expect(canonical == bytes)
        }
    }

    @Test(arguments: 0..<10) func `every truncation is refused by each reader`(seed: Int) {
        var source = Source(rng: SeededGenerator(seed: UInt64(seed)))
        for _ in 0..<20 {
            var bytes: [UInt8] = []
            AnyCodec.append(source.value(depth: 2), to: &bytes)
            let accepted = (0..<bytes.count).filter { end in
                var decoder = ByteReader(bytes, range: 0..<end)
                var skipper = decoder
                var rewriter = decoder
                var output: [UInt8] = []
                let isRewritten: Void? = try? AnyCodec.appendCanonical(
                    from: &rewriter, depthLimit: 8, to: &output)
                return (try? AnyCodec.decode(&decoder, depthLimit: 8)) != nil
                    || (try? AnyCodec.skip(&skipper, depthLimit: 8)) != nil || isRewritten != nil
            }
            #expect(accepted == [], "\(Hex.encode(bytes))")
        }
    }

    @Test(arguments: 0..<20) func `the three readers agree about damaged bytes`(seed: Int) {
        var source = Source(rng: SeededGenerator(seed: UInt64(seed)))
        for _ in 0..<300 {
            var bytes: [UInt8] = []
            AnyCodec.append(source.value(), to: &bytes)
            for _ in 0..<Int.random(in: 1...3, using: &source.rng) {
                let place = Int.random(in: 0..<bytes.count, using: &source.rng)
                bytes[place] =
                    Bool.random(using: &source.rng)
                    ? UInt8.random(in: 116...127, using: &source.rng)
                    : UInt8(truncatingIfNeeded: source.rng.next())
            }
            checkAgreement(bytes)
        }
    }

    private func checkAgreement(_ bytes: [UInt8]) {
        var decoder = ByteReader(bytes)
        var skipper = decoder
        var rewriter = decoder
        let value = Result { () throws(UpdateError) in try AnyCodec.decode(&decoder, depthLimit: 8) }
        let skipped = Result { () throws(UpdateError) in try AnyCodec.skip(&skipper, depthLimit: 8) }
        var rewritten: [UInt8] = []
        let appended = Result { () throws(UpdateError) in
            try AnyCodec.appendCanonical(from: &rewriter, depthLimit: 8, to: &rewritten)
        }
        switch (value, skipped, appended) {
        case (.success(let value), .success(let isCanonical), .success):
            var again: [UInt8] = []
            AnyCodec.append(value, to: &again)
            #expect(again == rewritten, "\(Hex.encode(bytes))")
            if isCanonical { #expect(again.elementsEqual(bytes[..<skipper.offset])) }
            #expect(decoder.offset == skipper.offset)
            #expect(decoder.offset == rewriter.offset)
        case (.failure(let left), .failure(let middle), .failure(let right)):
            #expect(left == middle, "\(Hex.encode(bytes))")
            #expect(left == right, "\(Hex.encode(bytes))")
        default:
            Issue.record("\(value), \(skipped) and \(appended) of \(Hex.encode(bytes))")
        }
    }

    @Test(arguments: 0..<20) func `JSON texts come back`(seed: Int) throws {
        var source = Source(rng: SeededGenerator(seed: UInt64(seed)), hasBigInts: false)
        for _ in 0..<100 {
            let text = source.value().json
            guard text != "undefined" else { continue }
            let isSame = try AnyValue(json: text).json.hasSameBytes(as: text)
            #expect(isSame, "\(text.prefix(200))")
            let bytes = [UInt8](text.utf8)
            let isCanonical = try JSONText.isCanonical(bytes, 0..<bytes.count, depthLimit: 8)
            #expect(isCanonical || bytes.count > 64, "\(text.prefix(200))")
        }
    }

    @Test(arguments: 0..<20) func `the two readers of JSON agree about damaged text`(seed: Int) {
        var source = Source(rng: SeededGenerator(seed: UInt64(seed)))
        for _ in 0..<100 {
            var bytes = [UInt8](source.value().json.utf8)
            let place = Int.random(in: 0..<bytes.count, using: &source.rng)
            bytes[place] = UInt8.random(in: 0...127, using: &source.rng)
            let text = String(decoding: bytes, as: UTF8.self)
            let parsed = try? JSONText.parse(bytes, 0..<bytes.count, depthLimit: 8)
            let isCanonical = try? JSONText.isCanonical(bytes, 0..<bytes.count, depthLimit: 8)
            #expect((parsed == nil) == (isCanonical == nil), "\(text.prefix(200))")
            if let parsed, isCanonical == true, UTF16Text.validate(bytes, 0..<bytes.count) != nil {
                let isSame = parsed.json.hasSameBytes(as: text)
                #expect(isSame, "\(text.prefix(200))")
            }
        }
    }

    @Test(arguments: 0..<10) func `the two readers of JSON agree about every truncation`(seed: Int) {
        var source = Source(rng: SeededGenerator(seed: UInt64(seed)))
        for _ in 0..<20 {
            let bytes = [UInt8](source.value(depth: 2).json.utf8)
            let disputed = (0..<bytes.count).filter { end in
                let parsed = try? JSONText.parse(bytes, 0..<end, depthLimit: 8)
                let isCanonical = try? JSONText.isCanonical(bytes, 0..<end, depthLimit: 8)
                return (parsed == nil) != (isCanonical == nil)
            }
            #expect(disputed == [], "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test func `values nest as deep as the limit and no deeper`() throws {
        for tag in [AnyCodec.Tag.array, AnyCodec.Tag.object] {
            let level: [UInt8] = tag == AnyCodec.Tag.array ? [tag, 1] : [tag, 1, 0]
            let bytes = [UInt8]([[UInt8]](repeating: level, count: 64).joined()) + [AnyCodec.Tag.null]
            var reader = ByteReader(bytes)
            #expect(try AnyCodec.skip(&reader, depthLimit: 64))
            let error = UpdateError.limitExceeded(
                .valueDepth, value: 64, limit: 63, offset: 63 * level.count)
            reader = ByteReader(bytes)
            #expect(throws: error) { _ = try AnyCodec.skip(&reader, depthLimit: 63) }
            reader = ByteReader(bytes)
            #expect(throws: error) { try AnyCodec.decode(&reader, depthLimit: 63) }
            reader = ByteReader(bytes)
            var output: [UInt8] = []
            #expect(throws: error) {
                try AnyCodec.appendCanonical(from: &reader, depthLimit: 63, to: &output)
            }
        }
        let text = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try AnyValue(json: text, depthLimit: 64).json == text)
        #expect(throws: UpdateError.limitExceeded(.valueDepth, value: 64, limit: 63, offset: 63)) {
            try AnyValue(json: text, depthLimit: 63)
        }
    }
}
