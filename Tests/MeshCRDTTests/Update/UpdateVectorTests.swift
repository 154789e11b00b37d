import Testing

@testable import MeshCRDT

@Suite("Updates as Yjs writes them")
struct UpdateVectorTests {
    @Test func `all cases are there`() {
        #expect(UpdateCase.all.count == 57)
    }

    @Test(arguments: UpdateCase.all)
    func `updates merge to the bytes of Yjs`(_ vector: UpdateCase) throws {
        for format in UpdateFormat.allCases {
            let merged = try Updates.merge(vector.updates(format), format: format)
            #expect(merged == vector.merged(format), "\(format)")
        }
    }

    @Test(arguments: UpdateCase.all)
    func `an update converts to the bytes of Yjs`(_ vector: UpdateCase) throws {
        #expect(try Updates.convert(vector.merged(.v1), from: .v1, to: .v2) == [UInt8](vector.c12))
        #expect(try Updates.convert(vector.merged(.v2), from: .v2, to: .v1) == [UInt8](vector.c21))
    }

    @Test(arguments: UpdateCase.all)
    func `each update converts to the bytes that Yjs wrote in the other format`(_ vector: UpdateCase) throws {
        for (v1, v2) in zip(vector.updates(.v1), vector.updates(.v2)) {
            let there = try Updates.convert(v1, from: .v1, to: .v2)
            #expect(try Updates.convert(there, from: .v2, to: .v1) == Updates.convert(v1, from: .v1, to: .v1))
            let back = try Updates.convert(v2, from: .v2, to: .v1)
            #expect(try Updates.convert(back, from: .v1, to: .v2) == Updates.convert(v2, from: .v2, to: .v2))
        }
    }

    @Test(arguments: UpdateCase.all)
    func `an update is obfuscated to the bytes of Yjs`(_ vector: UpdateCase) throws {
        #expect(try Updates.obfuscate(vector.merged(.v1)) == [UInt8](vector.o1))
        #expect(try Updates.obfuscate(vector.merged(.v2), format: .v2) == [UInt8](vector.o2))
        var options = ObfuscationOptions()
        options.formatting = false
        options.documents = false
        options.xmlNames = false
        #expect(try Updates.obfuscate(vector.merged(.v1), options: options) == [UInt8](vector.p1))
    }

    @Test(arguments: UpdateCase.all)
    func `an update has the state vector and the clocks that Yjs finds`(_ vector: UpdateCase) throws {
        #expect(try Updates.stateVector(of: vector.merged(.v1)).encoded() == [UInt8](vector.sv1))
        #expect(try Updates.stateVector(of: vector.merged(.v2), format: .v2).encoded() == [UInt8](vector.sv2))
        for format in UpdateFormat.allCases {
            let meta = try Updates.meta(of: vector.merged(format), format: format)
            #expect(meta.entries.map(\.client) == vector.meta.map(\.client))
            #expect(meta.entries.map(\.from) == vector.meta.map(\.from))
            #expect(meta.entries.map(\.to) == vector.meta.map(\.to))
        }
    }

    @Test(arguments: UpdateCase.all)
    func `the difference to a state has the bytes of Yjs`(_ vector: UpdateCase) throws {
        for diff in vector.diffs {
            let state = try StateVector(decoding: [UInt8](diff[0]))
            #expect(try Updates.diff(vector.merged(.v1), since: state) == [UInt8](diff[1]))
            #expect(try Updates.diff(vector.merged(.v2), since: state, format: .v2) == [UInt8](diff[2]))
        }
    }
}
