import FoundationEssentials
import Glibc
import GRDB
import MeshCore
import MeshNode

/// A folder of one test, removed with the value.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/meshp2p-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ScratchError(call: "mkdtemp", code: errno) }
        path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of `name` in the folder.
    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}

struct ScratchError: Error {
    var call: String
    var code: Int32
}

/// The permission bits of the file at `path`, nil when there is none.
func mode(_ path: String) -> mode_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
}

/// A connection of another program to the database, for looking at it, locking it or building an old one.
func outsideConnection(_ path: String) throws -> DatabaseQueue {
    var settings = Configuration()
    settings.allowsUnsafeTransactions = true
    settings.busyMode = .timeout(5)
    return try DatabaseQueue(path: path, configuration: settings)
}

/// Rows drawn from a seed.
struct RowSource {
    var rng: SeededGenerator

    init(seed: UInt64) {
        rng = SeededGenerator(seed: seed)
    }

    mutating func bytes(_ counts: ClosedRange<Int>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendRandom(Int.random(in: counts, using: &rng), using: &rng)
        return bytes
    }

    mutating func time() -> UnixTime {
        // Small, present, and beyond what a signed integer holds.
        let times: [UInt64] = [0, 1, 1_795_000_000, UInt64(Int64.max), UInt64(Int64.max) + 1, .max]
        return UnixTime(seconds: times[Int.random(in: 0..<times.count, using: &rng)])
    }

    mutating func addresses() -> [[UInt8]] {
        (0..<Int.random(in: 0...4, using: &rng)).map { _ in bytes(0...200) }
    }

    /// A change; keys come from a small set, so that later changes meet earlier ones.
    mutating func change() -> StorageChange {
        let key: [UInt8] = [UInt8.random(in: 0...20, using: &rng)]
        let peer: [UInt8] = [UInt8.random(in: 0...5, using: &rng)]
        let kind = ["heartbeat", "rendezvous"][Int.random(in: 0...1, using: &rng)]
        switch Int.random(in: 0..<12, using: &rng) {
        case 0, 1: return .upsertPeer(PeerRow(peerID: key, addresses: addresses(), lastSeen: time()))
        case 2: return .removePeer(peerID: key)
        case 3, 4:
            return .upsertRecord(
                RecordRow(
                    key: key, value: bytes(0...500), receivedAt: time(), expiresAt: time(),
                    isOwn: Bool.random(using: &rng)))
        case 5: return .removeRecord(key: key)
        case 6, 7:
            return .upsertProvider(
                ProviderRow(
                    key: key, peer: peer, addresses: addresses(), expiresAt: time(),
                    isOwn: Bool.random(using: &rng)))
        case 8: return .removeProvider(key: key, peer: peer)
        case 9:
            return .upsertRegistry(RegistryRow(kind: kind, key: key, blob: bytes(0...300), expiresAt: time()))
        case 10: return .removeRegistry(kind: kind, key: key)
        default:
            return Bool.random(using: &rng)
                ? .setMeta(name: "name \(peer[0])", value: bytes(0...40))
                : .removeMeta(name: "name \(peer[0])")
        }
    }
}

/// A small record with a number as its key.
func record(_ number: Int, byteCount: Int = 100) -> StorageChange {
    .upsertRecord(
        RecordRow(
            key: [UInt8]("record \(number)".utf8), value: [UInt8](repeating: 7, count: byteCount),
            receivedAt: .init(seconds: 1), expiresAt: .init(seconds: 2), isOwn: false))
}
