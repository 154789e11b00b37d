import MeshCore
import MeshCrypto
import MeshDHT

/// Records with a sequence number, as mesh records and IPNS have them, without the signature that takes the time.
///
/// A value is the sequence number, eight bytes big endian, and a payload. The greater number is the better value.
public struct SequencedRecords: RecordValidator {
    /// The namespace of the keys.
    public static let namespace = "sim"

    /// Creates the validator.
    public init() {}

    /// The validators of a simulated network: plain keys are accepted too.
    public static var validators: RecordValidators { RecordValidators([namespace: SequencedRecords()]) }

    /// The key of the record numbered `index` of the simulation with `seed`.
    public static func key(_ index: Int, seed: UInt64) -> [UInt8] {
        Array("/\(namespace)/\(seed)/\(index)".utf8)
    }

    /// Where the record of a key lies in the key space.
    static func place(of key: [UInt8]) -> Bytes32 { SHA256.hash(key) }

    /// The value of a record numbered `index` at `sequence`: 100 bytes in all.
    public static func value(_ index: Int, sequence: UInt64) -> [UInt8] {
        var value = (0..<8).map { UInt8(truncatingIfNeeded: sequence >> UInt64(56 - 8 * $0)) }
        var rng = SeededGenerator(seed: UInt64(index))
        while value.count < 100 { value.append(UInt8(truncatingIfNeeded: rng.next())) }
        return value
    }

    /// The sequence number of a value, or nil when it is too short to have one.
    public static func sequence(of value: [UInt8]) -> UInt64? {
        guard value.count >= 8 else { return nil }
        return value.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Accepts values that have a sequence number.
    public func validate(key: [UInt8], value: [UInt8], at time: UnixTime) throws(RecordError) {
        guard Self.sequence(of: value) != nil else { throw .malformedValue }
    }

    /// The value with the greatest number; the first of equals.
    public func select(key: [UInt8], values: [[UInt8]]) -> Int {
        var best = 0
        for index in values.indices.dropFirst()
        where Self.sequence(of: values[index]) ?? 0 > Self.sequence(of: values[best]) ?? 0 {
            best = index
        }
        return best
    }
}
