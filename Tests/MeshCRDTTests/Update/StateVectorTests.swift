import Testing

@testable import MeshCRDT

@Suite("State vectors")
struct StateVectorTests {
    @Test func `a state vector names its clients from the highest down`() throws {
        let vector = StateVector([(client: 5, clock: 7), (client: 9, clock: 2), (client: 5, clock: 8)])
        #expect(vector.entries.map(\.client) == [9, 5])
        #expect(vector[5] == 8)
        #expect(vector[6] == 0)
        #expect(vector.encoded() == [2, 9, 2, 5, 8])
        #expect(try StateVector(decoding: [2, 5, 8, 9, 2]) == vector)
    }

    @Test func `of a client that comes twice the last clock counts, and a clock of 0 is none`() throws {
        #expect(try StateVector(decoding: [3, 5, 8, 5, 3, 7, 0]).entries.map(\.clock) == [3])
        #expect(try StateVector(decoding: [2, 5, 8, 5, 0]).isEmpty)
    }

    @Test func `clocks are raised, set and taken away`() {
        var vector = StateVector()
        vector.raise(3, to: 4)
        vector.raise(3, to: 2)
        vector.raise(9, to: 1)
        #expect(vector.entries.map(\.client) == [9, 3])
        #expect(vector[3] == 4)
        vector[3] = 1
        vector[9] = 0
        #expect(vector.encoded() == [1, 3, 1])
    }

    @Test func `a state vector of more clients than allowed is refused`() {
        var limits = DocumentLimits()
        limits.clientCount = 2
        #expect(throws: Never.self) { try StateVector(decoding: [2, 1, 1, 2, 1], limits: limits) }
        #expect(throws: UpdateError.limitExceeded(.clientCount, value: 3, limit: 2, offset: 0)) {
            try StateVector(decoding: [3, 1, 1, 2, 1, 3, 1], limits: limits)
        }
    }

    @Test func `a count without entries takes no memory`() {
        #expect(throws: UpdateError.truncated(offset: 0)) {
            try StateVector(decoding: [0xff, 0xff, 0xff, 0xff, 0x07])
        }
        #expect(throws: UpdateError.truncated(offset: 3)) {
            try StateVector(decoding: [2, 1, 1, 0x80, 0x80])
        }
        #expect(throws: UpdateError.malformed(.clock, offset: 2)) {
            try StateVector(decoding: [1, 1, 0x80, 0x80, 0x80, 0x80, 0x10])
        }
    }
}
