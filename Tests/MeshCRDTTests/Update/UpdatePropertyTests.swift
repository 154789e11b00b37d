import MeshCore
import Testing

@testable import MeshCRDT

@Suite("Properties of updates")
struct UpdatePropertyTests {
    /// Sessions whose updates do not overlap, so that Yjs's merge does not depend on their order.
    private static let apart = UpdateCase.all.filter { vector in
        vector.name.hasPrefix("session") && Int(vector.name.dropFirst(8)).map { $0 % 3 == 0 } == true
    }

    @Test func `updates that do not overlap merge in any order and grouping`() throws {
        #expect(Self.apart.count == 9)
        var generator = SeededGenerator(seed: 7)
        for vector in Self.apart {
            for format in UpdateFormat.allCases {
                let updates = vector.updates(format)
                for _ in 0..<5 {
                    let shuffled = updates.shuffled(using: &generator)
                    #expect(try Updates.merge(shuffled, format: format) == vector.merged(format))
                    let doubled = shuffled + [vector.merged(format)] + shuffled.prefix(3)
                    let merged = try Updates.merge(doubled, format: format)
                    #expect(
                        try Updates.stateVector(of: merged, format: format).encoded() == [UInt8](vector.sv1))
                }
            }
        }
    }

    @Test func `more updates than are sorted exactly merge to the same bytes`() throws {
        for vector in Self.apart {
            let many = (0..<16).flatMap { _ in vector.updates(.v1) }
            #expect(many.count >= 64)
            #expect(try Updates.merge(many) == vector.merged(.v1), "\(vector.name)")
        }
    }

    @Test func `what one has and the difference to it are the whole`() throws {
        for vector in Self.apart {
            for format in UpdateFormat.allCases {
                let updates = vector.updates(format)
                let whole = try Updates.decode(vector.merged(format), format: format)
                for count in stride(from: 0, to: updates.count, by: 3) {
                    let part = try Updates.merge(Array(updates.prefix(count)), format: format)
                    let state = try Updates.stateVector(of: part, format: format)
                    let rest = try Updates.diff(vector.merged(format), since: state, format: format)
                    let joined = try Updates.decode(
                        Updates.merge([part, rest], format: format), format: format)
                    #expect(Self.units(joined) == Self.units(whole))
                    #expect(joined.deleteSet == whole.deleteSet)
                }
            }
        }
    }

    @Test func `every truncation throws, or is of the ignored end`() throws {
        for vector in UpdateCase.all.prefix(30) {
            for format in UpdateFormat.allCases {
                let update = vector.merged(format)
                for count in 0..<update.count {
                    #expect(throws: UpdateError.self) {
                        try Updates.convert(Array(update.prefix(count)), from: format, to: .v1)
                    }
                }
                #expect(throws: Never.self) {
                    try Updates.convert(update + [1, 2, 3], from: format, to: .v1)
                }
            }
        }
    }

    @Test(arguments: 0..<8)
    func `damaged updates throw or stay updates`(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let vectors = UpdateCase.all
        for _ in 0..<400 {
            let vector = vectors[Int.random(in: 0..<vectors.count, using: &generator)]
            let format: UpdateFormat = Bool.random(using: &generator) ? .v1 : .v2
            var update = vector.updates(format)[0]
            for _ in 0...Int.random(in: 0...3, using: &generator) {
                let place = Int.random(in: 0..<update.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: update[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                case 1: update[place] = UInt8.random(in: 0...255, using: &generator)
                case 2: update.remove(at: place)
                default: update.insert(UInt8.random(in: 0...255, using: &generator), at: place)
                }
                if update.isEmpty { update = [0] }
            }
            try exercise(update, format, beside: vector.merged(format))
        }
    }

    /// Everything that one can do with an update; what is accepted must be written again to the same bytes.
    private func exercise(_ update: [UInt8], _ format: UpdateFormat, beside other: [UInt8]) throws {
        var limits = DocumentLimits()
        limits.structCount = 10_000
        let written: [UInt8]
        do throws(UpdateError) {
            written = try Updates.convert(update, from: format, to: format, limits: limits)
        } catch {
            return
        }
        let there = try Updates.convert(written, from: format, to: format == .v1 ? .v2 : .v1)
        let back = try Updates.convert(there, from: format == .v1 ? .v2 : .v1, to: format)
        // Of deletions that do not ascend, which v2 cannot express, the order changes.
        #expect(
            try Self.withoutDeletions(back, format) == Self.withoutDeletions(written, format), "\(update)")
        #expect(
            try Updates.decode(back, format: format).deleteSet
                == Updates.decode(written, format: format).deleteSet)
        let merged = try Updates.merge([other, update, written], format: format)
        #expect(try Updates.convert(merged, from: format, to: format) == merged, "\(update)")
        _ = try Updates.obfuscate(update, format: format)
        _ = try Updates.meta(of: update, format: format)
        let state = try Updates.stateVector(of: other, format: format)
        _ = try Updates.decode(Updates.diff(update, since: state, format: format), format: format)
    }

    /// The same structs without deletions.
    private static func withoutDeletions(_ update: [UInt8], _ format: UpdateFormat) throws -> [UInt8] {
        guard format == .v1 else {
            return try withoutDeletions(Updates.convert(update, from: .v2, to: .v1), .v1)
        }
        var reader = try UpdateReaderV1(update, limits: DocumentLimits())
        var output = UpdateTranscoder<UpdateWriterV1>()
        var wire = WireStruct()
        while try reader.next(&wire) { output.write(wire, input: reader.input, scratch: reader.scratch) }
        return output.finish(DeleteSet())
    }

    /// All units that the structs cover, with their clients.
    private static func units(_ update: DecodedUpdate) -> DeleteSet {
        DeleteSet(
            update.structs.filter { if case .skip = $0.content { false } else { true } }
                .map { IDRange(client: $0.id.client, clock: $0.id.clock, length: $0.length) })
    }
}
