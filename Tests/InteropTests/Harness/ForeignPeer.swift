import Foundation
import Testing

/// A libp2p implementation that this project did not write.
enum ForeignImplementation: String, CaseIterable, Sendable, CustomTestStringConvertible {
    /// go-libp2p 0.32.1, as a daemon.
    case p2pd
    /// go-libp2p 0.24.2, as a library.
    case golibp2p
    /// py-libp2p 0.8.1.
    case pylibp2p

    var testDescription: String { rawValue }

    /// The Python that its drivers run under.
    func python(_ peers: URL) -> String {
        peers.appending(path: self == .golibp2p ? "go/bin/python" : "py/bin/python").path
    }
}

/// What a serving driver prints once it can be dialled.
struct ForeignPeer: Decodable, Sendable {
    let id: String
    let multiaddr: String
}

extension Stage {
    /// Starts the driver `script` of `implementation`.
    func driver(
        _ script: String, of implementation: ForeignImplementation, _ arguments: [String]
    ) throws -> ChildProcess {
        let peers = try Installation.peers()
        let path = Installation.scripts.appending(path: script).path
        return try start(
            script, [implementation.python(peers), path] + arguments,
            environment: [
                "P2PD": peers.appending(path: "bin/p2pd").path, "LP2P_RUN": folder.path,
                "PYTHONDONTWRITEBYTECODE": "1",
            ])
    }

    /// Starts a serving foreign peer and waits until it can be dialled.
    func serve(
        _ implementation: ForeignImplementation, seed: String = "server"
    ) async throws -> (peer: ForeignPeer, process: ChildProcess) {
        let process = try driver("serve_\(implementation.rawValue).py", of: implementation, [seed, "0"])
        let line = try await process.nextLine(within: .seconds(60))
        let text = try #require(line, "\(implementation.rawValue) ended at once: \(process.errorText)")
        return (try JSONDecoder().decode(ForeignPeer.self, from: Data(text.utf8)), process)
    }
}
