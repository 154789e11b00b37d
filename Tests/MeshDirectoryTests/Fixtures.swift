import Foundation
import MeshCore
import MeshMultiformats

@testable import MeshDirectory

/// Keys, records and heartbeats that the tests share; everything is made of seeds.
enum Fixtures {
    /// The time of the records: 2027-01-15T08:00:00Z.
    static let time = UnixTime(seconds: 1_800_000_000)

    static func key(_ seed: UInt64) -> IdentityKey {
        var generator = SeededGenerator(seed: seed)
        return IdentityKey(using: &generator)
    }

    static func address(_ text: String = "/ip4/127.0.0.1/tcp/4001") -> Multiaddr {
        do { return try Multiaddr(text) } catch { preconditionFailure("\(text): \(error)") }
    }

    static func name(_ text: String) -> MeshName {
        do { return try MeshName(text) } catch { preconditionFailure("\(text): \(error)") }
    }

    static func capability(_ text: String) -> MeshCapability {
        do { return try MeshCapability(text) } catch { preconditionFailure("\(text): \(error)") }
    }

    static func record(
        _ key: IdentityKey, name: String = "Harbour Mesh", capabilities: [String] = ["text", "translate"],
        sequence: UInt64 = 7, issued: UnixTime = time, lifetime: UInt64 = 86_400
    ) -> MeshRecord {
        MeshRecord(
            did: key.did, name: self.name(name), peerID: key.peerID, addresses: [address()],
            capabilities: capabilities.map { capability($0) }, version: "meshp2p/0.1.0", sequence: sequence,
            issued: issued, expires: issued.adding(seconds: lifetime))
    }

    static func signed(
        _ key: IdentityKey, name: String = "Harbour Mesh", capabilities: [String] = ["text", "translate"],
        sequence: UInt64 = 7, issued: UnixTime = time, lifetime: UInt64 = 86_400
    ) throws -> SignedMeshRecord {
        let record = record(
            key, name: name, capabilities: capabilities, sequence: sequence, issued: issued,
            lifetime: lifetime)
        return try SignedMeshRecord(signing: record, with: key)
    }

    /// Signs any payload as a mesh record, valid or not.
    static func sealed(_ payload: [UInt8], by key: IdentityKey) -> [UInt8] {
        SignedEnvelope.seal(
            payload: payload, type: MeshRecordLimits.payloadType, domain: MeshRecordLimits.domain, by: key
        ).encoded
    }

    static func heartbeat(
        _ key: IdentityKey, name: String = "Harbour Mesh", capabilities: [String] = ["text", "translate"],
        recordSequence: UInt64 = 7, status: MeshStatus = .online, members: UInt64 = 1, bots: UInt64 = 0,
        isPublic: Bool = true, interval: UInt64 = 30, sequence: UInt64, issued: UnixTime = time
    ) throws -> [UInt8] {
        let record = try signed(key, name: name, capabilities: capabilities, sequence: recordSequence)
        let heartbeat = Heartbeat(
            meshRecord: record.envelope, status: status, memberCount: members, botCount: bots,
            isPublic: isPublic, intervalSeconds: interval, sequence: sequence, issued: issued)
        return try SignedHeartbeat(signing: heartbeat, with: key).envelope
    }

    static func peerRecord(
        _ key: IdentityKey, form: PeerRecord.Form = .interoperable, sequence: UInt64 = 1
    ) -> [UInt8] {
        PeerRecord(peerID: key.peerID, sequence: sequence, addresses: [address()]).sealed(by: key, form: form)
    }

    /// Reads a file of Specs/vectors/directory.
    static func vectors<Value: Decodable>(_ file: String, as type: Value.Type = Value.self) throws -> Value {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data = try Data(contentsOf: root.appending(path: "Specs/vectors/directory/\(file)"))
        let decoder = JSONDecoder()
        return try decoder.decode(type, from: data)
    }
}

/// Bytes that a vector file writes in hexadecimal.
struct HexBytes: Decodable, Sendable {
    var bytes: [UInt8]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let bytes = Hex.decode(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not hexadecimal: \(text)")
        }
        self.bytes = bytes
    }
}

extension Instant {
    /// The point so many seconds after the origin.
    static func seconds(_ seconds: UInt64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    /// The point so many milliseconds after the origin.
    static func milliseconds(_ milliseconds: UInt64) -> Instant {
        Instant(nanoseconds: milliseconds * 1_000_000)
    }
}
