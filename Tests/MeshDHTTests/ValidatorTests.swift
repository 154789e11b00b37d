import MeshCore
import Testing

@testable import MeshDHT

/// Namespaces of keys and who is asked about them.
@Suite struct ValidatorTests {
    @Test(
        arguments: [
            ("plain", nil), ("plain/with/slashes", nil), ("/pk/abc", "pk"), ("/versioned/", "versioned"),
            ("/ä/x", "ä"), ("", nil),
        ] as [(String, String?)]) func `a namespace lies between the first two slashes`(
            key: String, expected: String?
        ) throws
    {
        #expect(try RecordValidators.namespace(of: Array(key.utf8)) == expected)
    }

    @Test func `keys that begin like a namespace and have none are refused`() {
        for key in [Array("/".utf8), Array("//x".utf8), Array("/pk".utf8), [0x2f, 0xff, 0x2f, 1]] {
            #expect(throws: RecordError.malformedNamespace) { try RecordValidators.namespace(of: key) }
        }
    }

    @Test func `the newest of plain values is the best, and a validator decides in its namespace`() {
        let validators = RecordValidators(["versioned": VersionedValidator()])
        #expect(validators.select(key: [1], values: [[1], [2]]) == 0)
        #expect(validators.select(key: Array("/versioned/a".utf8), values: [[1, 0], [3, 0], [2, 0]]) == 1)
        #expect(validators.select(key: Array("/versioned/a".utf8), values: [[1, 0]]) == 0)
    }

    @Test func `a validator cannot select what was not offered`() {
        struct Broken: RecordValidator {
            func validate(key: [UInt8], value: [UInt8], at time: UnixTime) throws(RecordError) {}
            func select(key: [UInt8], values: [[UInt8]]) -> Int { Int.max }
        }
        let validators = RecordValidators(["broken": Broken()])
        #expect(validators.select(key: Array("/broken/a".utf8), values: [[1], [2]]) == 1)
    }
}
