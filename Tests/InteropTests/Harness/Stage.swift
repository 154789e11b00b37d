import Foundation
import Synchronization
import Testing

/// The processes and files of one test: all of them are gone when it ends.
final class Stage: Sendable {
    /// The kad protocol that go-libp2p's daemon serves and that these tests put our nodes on.
    static let kadProtocol = "/ipfs/kad/1.0.0"
    /// The network name that goes with it: keys without a namespace are taken.
    static let network = "interop"

    /// Short, because control sockets live in it and their paths must stay under 108 bytes.
    let folder: URL
    private let children = Mutex<[ChildProcess]>([])
    private let startedCount = Mutex(0)

    private init() throws {
        folder = URL(filePath: "/tmp/mi-\(String(UInt32.random(in: .min ... .max), radix: 16))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Runs `test`, then stops what it started, the last first, and removes its files.
    static func run(_ test: (Stage) async throws -> Void) async throws {
        let stage = try Stage()
        do {
            try await test(stage)
        } catch {
            await stage.clear()
            throw error
        }
        await stage.clear()
    }

    /// Starts a process that ends with the stage.
    func start(
        _ label: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> ChildProcess {
        let number = startedCount.withLock { count in
            count += 1
            return count
        }
        let child = try ChildProcess(
            label: label, arguments: arguments, environment: environment, folder: folder, number: number)
        children.withLock { $0.append(child) }
        return child
    }

    private func clear() async {
        for child in children.withLock({ Array($0.reversed()) }) {
            await child.stop()
        }
        try? FileManager.default.removeItem(at: folder)
    }
}
