import Logging
import MeshAPI
import MeshNode
import ServiceLifecycle

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A node with its control socket and its HTTP API, from start to stop.
struct NodeDaemon: Service {
    let node: Node
    /// Stays open: the path of its control socket may lead through the open folder.
    let home: Home
    /// Where the HTTP API is served; nil for nowhere.
    let api: APIAddress?
    let isRegistry: Bool
    let logger: Logger
    /// Called once, when the node can be used, with the URL of the API.
    let onReady: @Sendable (_ api: String?) async throws -> Void

    /// Runs until the service group shuts down; whatever happens, the node is stopped before it returns.
    func run() async throws {
        do {
            try await withGracefulShutdownHandler {
                try await cancelWhenGracefulShutdown { try await node.start() }
                try await serve()
            } onGracefulShutdown: {
                // The promise is to be gone within five seconds, also when a peer or a disk hangs.
                alarm(Self.stopSeconds)
            }
        } catch {
            await node.stop()
            // A start that a signal interrupted is no failure.
            if error is CancellationError { return }
            throw error
        }
        await node.stop()
    }

    private func serve() async throws {
        let (readyServers, ready) = AsyncStream.makeStream(
            of: String?.self, bufferingPolicy: .bufferingOldest(4))
        let servers = makeServers(ready)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for server in servers {
                group.addTask {
                    defer { ready.finish() }
                    try await server.run()
                }
            }
            group.addTask {
                var waiting = servers.count
                var url: String?
                for await answer in readyServers {
                    url = answer ?? url
                    waiting -= 1
                    if waiting == 0 { break }
                }
                guard waiting == 0 else { return }
                await node.setAPIAddress(url)
                try await onReady(url)
            }
            // The first failure ends the others: `waitForAll` would wait for them.
            while try await group.next() != nil {}
        }
    }

    /// The listeners; each tells when it listens, the HTTP one with its URL.
    private func makeServers(_ ready: AsyncStream<String?>.Continuation) -> [APIServer] {
        let listing: (any RegistryListing)? = isRegistry ? node : nil
        let control = APIServer(
            .controlSocket(path: home.controlSocketPath), service: node, listing: listing, logger: quietLogger
        ) { _ in ready.yield(nil) }
        guard let api else { return [control] }
        let http = APIServer(.tcp(api), service: node, listing: listing, logger: quietLogger) { url in
            ready.yield(url)
        }
        return [control, http]
    }

    /// The HTTP library tells at `info` what the ready line says better.
    private var quietLogger: Logger {
        var logger = logger
        if logger.logLevel > .debug { logger.logLevel = max(logger.logLevel, .warning) }
        return logger
    }

    private static let stopSeconds: UInt32 = 5
}
