import Foundation

/// Where the binary under test and the foreign peers are.
enum Installation {
    static let root: URL = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The folder of the driver scripts.
    static let scripts = root.appending(path: "Tests/InteropTests/peers")

    /// The command under test.
    ///
    /// A missing one is a failure, never a skipped test.
    static func binary() throws -> String {
        let path = variable("MESHP2P_BINARY") ?? root.appending(path: ".build/debug/meshp2p").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw WaitError(description: "no command at \(path); build it: `make build`")
        }
        return path
    }

    /// The folder that `make interop-peers` filled.
    static func peers() throws -> URL {
        let folder =
            variable("MESHP2P_INTEROP_PEERS").map { URL(filePath: $0) }
            ?? root.appending(path: ".venv-interop")
        guard FileManager.default.fileExists(atPath: folder.appending(path: "installed").path) else {
            throw WaitError(
                description:
                    "the foreign peers are not installed in \(folder.path); install them: `make interop-peers`"
            )
        }
        return folder
    }

    private static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
