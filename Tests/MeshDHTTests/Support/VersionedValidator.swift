import MeshCore

@testable import MeshDHT

/// Records of tests: `/versioned/NAME` holds a version byte and a text; the higher version is the better one.
struct VersionedValidator: RecordValidator {
    func validate(key: [UInt8], value: [UInt8], at time: UnixTime) throws(RecordError) {
        guard value.count >= 2 else { throw .malformedValue }
        if value[1] == 0xff { throw .badSignature }
    }

    func select(key: [UInt8], values: [[UInt8]]) -> Int {
        var best = 0
        for index in values.indices where values[index][0] > values[best][0] { best = index }
        return best
    }
}
