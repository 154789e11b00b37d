import MeshCore
import MeshDHT
import MeshDirectory

/// The rules of `/mesh` keys as the DHT asks for them.
struct MeshRecordRule: RecordValidator {
    func validate(key: [UInt8], value: [UInt8], at time: UnixTime) throws(RecordError) {
        do throws(MeshRecordError) {
            try MeshRecordValidator.validate(key: key, value: value, at: time)
        } catch {
            switch error {
            case .tooLarge(let count, let limit): throw .valueTooLong(byteCount: count, limit: limit)
            case .wrongKey: throw .keyMismatch
            case .badEnvelope: throw .badSignature
            case .expired(let time): throw .expired(time)
            case .issuedInFuture(let time), .expiresTooLate(let time): throw .fromTheFuture(time)
            default: throw .malformedValue
            }
        }
    }

    func select(key: [UInt8], values: [[UInt8]]) -> Int {
        MeshRecordValidator.select(key: key, values: values)
    }
}
