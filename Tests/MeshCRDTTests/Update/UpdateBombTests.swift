import Foundation
import Testing

@testable import MeshCRDT

@Suite("Hostile updates")
struct UpdateBombTests {
    /// `Specs/vectors/crdt/bombs.json`.
    private struct Bombs: Decodable {
        let bombsHex: [String: String]
        let stateVectorHex: String
        let updateV2Hex: String

        enum CodingKeys: String, CodingKey {
            case bombsHex = "bombs_hex"
            case stateVectorHex = "state_vector_bomb_hex"
            case updateV2Hex = "yjs_687_v2_update_hex"
        }

        var updates: [String: [UInt8]] { bombsHex.mapValues(Self.bytes) }
        var stateVector: [UInt8] { Self.bytes(stateVectorHex) }
        var updateV2: [UInt8] { Self.bytes(updateV2Hex) }

        static func load() throws -> Bombs {
            let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
            let data = try Data(contentsOf: root.appending(path: "Specs/vectors/crdt/bombs.json"))
            return try JSONDecoder().decode(Bombs.self, from: data)
        }

        private static func bytes(_ hex: String) -> [UInt8] {
            let digits = Array(hex)
            return stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(digits[$0...$0 + 1]), radix: 16)
            }
        }
    }

    @Test func `each bomb is refused, or is as small as it looks`() throws {
        let bombs = try Bombs.load().updates
        #expect(bombs.count >= 10)
        // What is long without holding anything is a legal update: a range, and no memory.
        let harmless: Set<String> = ["gc-len-max", "skip-len-max", "content-deleted-len-max"]
        for (name, update) in bombs {
            let start = ContinuousClock.now
            if harmless.contains(name) {
                let decoded = try Updates.decode(update)
                #expect(decoded.structs.count == 1, "\(name)")
                #expect(try Updates.convert(update, from: .v1, to: .v1).count < 32, "\(name)")
            } else {
                #expect(throws: UpdateError.self, "\(name)") { try Updates.decode(update) }
                #expect(throws: UpdateError.self, "\(name)") { try Updates.merge([update, update]) }
                #expect(throws: UpdateError.self, "\(name)") { try Updates.stateVector(of: update) }
            }
            #expect(ContinuousClock.now - start < .seconds(1), "\(name)")
        }
    }

    @Test func `the state vector and the v2 update that stalled Yjs are refused`() throws {
        let bombs = try Bombs.load()
        let start = ContinuousClock.now
        #expect(throws: UpdateError.truncated(offset: 0)) { try StateVector(decoding: bombs.stateVector) }
        #expect(throws: UpdateError.self) { try Updates.decode(bombs.updateV2, format: .v2) }
        #expect(ContinuousClock.now - start < .seconds(1))
    }

    @Test func `a number of clients that the update cannot hold takes no memory`() {
        #expect(throws: UpdateError.truncated(offset: 0)) {
            try Updates.decode([0xff, 0xff, 0xff, 0xff, 0x07])
        }
    }

    @Test func `columns that stand for any number of structs end at the limit`() throws {
        // One client with 2^28 collected units, each a struct: 20 bytes.
        var update: [UInt8] = [0, 0, 1, 5, 0, 0, 1, 0, 2, 0, 0x00, 0, 0]
        let lengths: [UInt8] = [0x41, 0xfe, 0xff, 0xff, 0x7f]
        update += [UInt8(lengths.count)] + lengths
        update += [1, 0x80, 0x80, 0x80, 0x80, 0x01, 0, 0]
        #expect(throws: UpdateError.self) { try Updates.decode(update, format: .v2) }
        var limits = DocumentLimits()
        limits.structCount = 1000
        #expect(throws: UpdateError.limitExceeded(.structCount, value: 1 << 28, limit: 1000, offset: 20)) {
            try Updates.decode(update, format: .v2, limits: limits)
        }
    }

    @Test func `one long key that many formats name is not copied for each`() throws {
        // A key of 60,000 bytes, named by 5,000 formats.
        let key = [UInt8](repeating: 0x6b, count: 60_000)
        var texts: [UInt8] = []
        texts.appendVarBytes([0x74] + key)
        texts.appendVarInt(magnitude: 1, isNegative: false)
        texts.appendVarInt(magnitude: 60_000, isNegative: false)
        var update: [UInt8] = [0]
        update.appendVarBytes([0x01, 0x86, 0x27])
        update.appendVarBytes([0x45, 0x86, 0x27])
        update.appendVarBytes([0x00, 0x03, 0x84, 0x27])
        update.appendVarBytes([])
        update.appendVarBytes([6, 0, 0x86])
        update.appendVarBytes(texts)
        update.appendVarBytes([1])
        update.appendVarBytes([])
        update.appendVarBytes([])
        update += [1]
        update.appendVarUint(5000)
        update += [0] + [UInt8](repeating: 126, count: 5000) + [0]
        var reader = try UpdateReaderV2(update, limits: DocumentLimits())
        var wire = WireStruct()
        var count = 0
        var largest = 0
        while try reader.next(&wire) {
            count += 1
            largest = max(largest, reader.scratch.count)
        }
        #expect(count == 5000)
        #expect(largest < 70_000)
    }

    @Test func `what a client refers to of its own must be older`() {
        // Client 5, clock 0, an item with itself as its origin.
        #expect(throws: UpdateError.malformed(.reference, offset: 4)) {
            try Updates.decode([1, 1, 5, 0, 0x81, 5, 0, 1, 0])
        }
        #expect(throws: UpdateError.malformed(.reference, offset: 4)) {
            try Updates.decode([1, 1, 5, 0, 0x41, 5, 3, 1, 0])
        }
        #expect(throws: UpdateError.malformed(.reference, offset: 4)) {
            try Updates.decode([1, 1, 5, 0, 0x01, 0, 5, 0, 1, 0])
        }
    }

    @Test func `each error names what is wrong and where`() {
        let limits = {
            var limits = DocumentLimits()
            limits.nameByteCount = 2
            limits.updateByteCount = 20
            limits.valueDepth = 1
            return limits
        }()
        let cases: [([UInt8], UpdateError)] = [
            ([1, 1, 5, 0, 0x0b], .malformed(.contentKind, offset: 4)),
            ([1, 1, 5, 0, 0x8a, 1, 1], .malformed(.contentKind, offset: 4)),
            ([1, 1, 5, 0, 0x04, 1, 1, 0x74, 0, 0], .malformed(.emptyStruct, offset: 4)),
            ([1, 1, 5, 0, 0x00, 0, 0], .malformed(.emptyStruct, offset: 4)),
            ([1, 1, 5, 0, 0x04, 1, 1, 0x74, 1, 0xff, 0], .malformed(.text, offset: 9)),
            ([1, 1, 5, 0, 0x07, 1, 1, 0x74, 7, 0], .malformed(.typeKind, offset: 8)),
            ([1, 1, 5, 0, 0x05, 1, 1, 0x74, 1, 0x7b, 0], .malformed(.json, offset: 10)),
            ([1, 1, 5, 1, 0x00, 0xff, 0xff, 0xff, 0xff, 0x0f, 0], .malformed(.clock, offset: 4)),
            (
                [1, 1, 5, 0, 0x04, 1, 3, 0x74, 0x74, 0x74, 1, 0x61, 0],
                .limitExceeded(.nameByteCount, value: 3, limit: 2, offset: 6)
            ),
            (
                [UInt8](repeating: 0, count: 21),
                .limitExceeded(.updateByteCount, value: 21, limit: 20, offset: 0)
            ),
            (
                [1, 1, 5, 0, 0x08, 1, 1, 0x74, 1, 117, 1, 117, 0, 0],
                .limitExceeded(.valueDepth, value: 2, limit: 1, offset: 11)
            ),
            ([1, 2, 5, 0, 0x00, 1], .truncated(offset: 6)),
        ]
        for (update, error) in cases {
            #expect(throws: error) { try Updates.decode(update, limits: limits) }
        }
    }
}
