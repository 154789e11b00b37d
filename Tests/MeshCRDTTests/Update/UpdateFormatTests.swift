import Testing

@testable import MeshCRDT

/// Single updates whose bytes Yjs 13.6.31 wrote.
@Suite("Both formats of updates")
struct UpdateFormatTests {
    @Test func `nothing merged is an empty update`() throws {
        #expect(try Updates.merge([]) == [0, 0])
        #expect(try Updates.merge([], format: .v2) == [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    }

    @Test func `a pair of surrogates that a v2 length cuts is a replacement character on both sides`() throws
    {
        let v2: [UInt8] = [
            0, 0, 2, 71, 2, 3, 3, 0, 6, 0, 3, 4, 0, 132, 21, 15, 114, 97, 240, 159, 152, 128, 239, 191, 189,
            98,
            240, 159, 152, 128, 99, 1, 2, 1, 3, 2, 1, 1, 0, 0, 1, 4, 0, 0,
        ]
        let v1: [UInt8] = [
            1, 4, 7, 0, 4, 1, 1, 114, 4, 97, 239, 191, 189, 132, 7, 1, 3, 239, 191, 189, 132, 7, 2, 7, 239,
            191,
            189, 98, 239, 191, 189, 132, 7, 5, 4, 239, 191, 189, 99, 0,
        ]
        #expect(try Updates.convert(v2, from: .v2, to: .v1) == v1)
    }

    @Test func `tools see what an update holds`() throws {
        let update: [UInt8] = [
            1, 7, 3, 0, 6, 1, 1, 116, 1, 98, 4, 116, 114, 117, 101, 129, 3, 0, 1, 132, 3, 1, 5, 105, 240, 159,
            152, 128, 134, 3, 4, 1, 98, 4, 110, 117, 108, 108, 40, 1, 1, 109, 1, 107, 1, 118, 1, 1, 120, 117,
            3,
            125, 1, 126, 124, 64, 32, 0, 0, 7, 1, 1, 97, 3, 1, 112, 131, 3, 7, 2, 1, 2, 1, 3, 1, 1, 1,
        ]
        let decoded = try Updates.decode(update)
        #expect(decoded.structs.map(\.id.clock) == [0, 1, 2, 5, 6, 7, 8])
        #expect(decoded.structs.map(\.length) == [1, 1, 3, 1, 1, 1, 1])
        #expect(decoded.structs.map(\.origin?.clock) == [nil, 0, 1, 4, nil, nil, 7])
        #expect(decoded.structs.map(\.key) == [nil, nil, nil, nil, "k", nil, nil])
        #expect(decoded.structs[4].parent == .root("m"))
        #expect(decoded.structs[1].parent == .inherited)
        let contents: [DecodedStruct.Content] = [
            .format(key: "b", value: .bool(true)), .deleted, .string("i😀"), .format(key: "b", value: .null),
            .any([.object(AnyFields([("x", .array([.number(1), .null, .number(2.5)]))]))]),
            .type(.xmlElement, name: "p"), .binary([1, 2]),
        ]
        #expect(decoded.structs.map(\.content) == contents)
        #expect(decoded.deleteSet.ranges(of: 3) == [ClockRange(clock: 1, length: 1)])
        let other = try Updates.convert(update, from: .v1, to: .v2)
        #expect(try Updates.decode(other, format: .v2) == decoded)
    }

    @Test func `a struct without its first units starts behind them`() throws {
        // Two pairs of surrogates at clock 4 of client 9, with the first one and a half left out.
        let update: [UInt8] = [1, 1, 9, 4, 4, 1, 1, 116, 8, 240, 159, 152, 128, 240, 159, 152, 128, 0]
        let diff = try Updates.diff(update, since: StateVector([(client: 9, clock: 7)]))
        // Yjs 13.6.31, `diffUpdate`.
        #expect(diff == [1, 1, 9, 7, 132, 9, 6, 3, 239, 191, 189, 0])
    }

    @Test func `a writer that guesses the number of structs wrongly writes the same bytes`() {
        var wire = WireStruct()
        wire.client = 5
        wire.kind = .gc
        wire.length = 2
        var updates: [[UInt8]] = []
        for guess in [1, 127, 128, 200, 20_000] {
            var writer = UpdateWriterV1()
            for client in [9, 5] as [ClientID] {
                writer.beginClient(client, clock: 0, structCount: guess)
                for _ in 0..<200 { writer.write(wire, input: [], scratch: []) }
            }
            updates.append(writer.finish(DeleteSet()))
        }
        #expect(Set(updates).count == 1)
        #expect(updates[0].count == 1 + 2 * (2 + 1 + 1 + 400) + 1)
    }

    @Test func `a writer can be used again`() throws {
        let update: [UInt8] = [1, 1, 9, 4, 4, 1, 1, 116, 1, 97, 1, 9, 1, 0, 2]
        let expected = try Updates.convert(update, from: .v1, to: .v2)
        var writer = UpdateWriterV2()
        for _ in 0..<3 {
            var reader = try UpdateReaderV1(update, limits: DocumentLimits())
            var wire = WireStruct()
            while try reader.next(&wire) {
                writer.beginClient(wire.client, clock: wire.clock)
                writer.write(wire, input: reader.input, scratch: reader.scratch)
            }
            #expect(try writer.finish(reader.readDeleteSet()) == expected)
        }
    }
}
