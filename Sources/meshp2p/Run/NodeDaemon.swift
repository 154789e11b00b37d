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

    /// Runs the listeners; when one fails the others end gracefully, because a listener that is cancelled may
    /// drop a connection that it has just accepted, which NIO takes for a fault.
    private func serve() async throws {
        let (listening, continuation) = AsyncStream.makeStream(
            of: String?.self, bufferingPolicy: .bufferingOldest(Self.listenerLimit))
        let servers = makeServers(continuation)
        let announcement = ReadyAnnouncement(listening: listening, listenerCount: servers.count) { url in
            await node.setAPIAddress(url)
            try await onReady(url)
        }
        let services = servers.map {
            ServiceGroupConfiguration.ServiceConfiguration(
                service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                failureTerminationBehavior: .gracefullyShutdownGroup)
        }
        let last = ServiceGroupConfiguration.ServiceConfiguration(
            service: announcement, failureTerminationBehavior: .gracefullyShutdownGroup)
        // A group ends its services from the last to the first.
        let stop = ServiceGroupConfiguration.ServiceConfiguration(service: NodeStop(node: node))
        try await ServiceGroup(configuration: .init(services: services + [last, stop], logger: quietLogger))
            .run()
    }

    /// The listeners; each tells when it listens, the HTTP one with its URL.
    private func makeServers(_ listening: AsyncStream<String?>.Continuation) -> [APIServer] {
        let listing: (any RegistryListing)? = isRegistry ? node : nil
        let control = APIServer(
            .controlSocket(path: home.controlSocketPath), service: node, listing: listing, logger: quietLogger
        ) { _ in listening.yield(nil) }
        guard let api else { return [control] }
        let http = APIServer(.tcp(api), service: node, listing: listing, logger: quietLogger) { url in
            listening.yield(url)
        }
        return [control, http]
    }

    /// What the libraries tell below `warning`, the ready line and the failure say better.
    private var quietLogger: Logger {
        var logger = logger
        if logger.logLevel > .debug { logger.logLevel = .critical }
        return logger
    }

    private static let stopSeconds: UInt32 = 5
    private static let listenerLimit = 4
}

/// Waits until every listener listens, then says once that the node is ready.
private struct ReadyAnnouncement: Service {
    /// One element from each listener, nil or its URL.
    let listening: AsyncStream<String?>
    let listenerCount: Int
    let announce: @Sendable (_ api: String?) async throws -> Void

    func run() async throws {
        var waiting = listenerCount
        var url: String?
        for await answer in listening.cancelOnGracefulShutdown() {
            url = answer ?? url
            waiting -= 1
            if waiting == 0 { break }
        }
        do {
            if waiting == 0 { try await announce(url) }
        } catch let failure as MeshFailure where failure.code == .stopping {
            // The signal came between the last listener and this line.
        }
        // A service that ends out of its turn is a fault for the group.
        try? await gracefulShutdown()
    }
}

/// Stops the node before its listeners end: what they wait for is then answered as stopping.
private struct NodeStop: Service {
    let node: Node

    func run() async throws {
        try? await gracefulShutdown()
        await node.stop()
    }
}
