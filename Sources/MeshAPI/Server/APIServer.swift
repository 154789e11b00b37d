import Hummingbird
import HummingbirdCore
import Logging
import MeshNode
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// One listener of the HTTP API: public routes over TCP, or these and the control routes on a Unix socket.
public struct APIServer: Service {
    /// Where the API is served.
    public enum Endpoint: Sendable {
        /// The public routes for HTTP clients.
        case tcp(APIAddress)
        /// The control routes too, for processes of the same user.
        case controlSocket(path: String)
    }

    private let endpoint: Endpoint
    private let service: any MeshService
    private let listing: (any RegistryListing)?
    private let limits: APILimits
    private let logger: Logger
    private let onReady: @Sendable (String) async -> Void

    /// Creates a listener; `listing` is nil on a node that is no registry peer.
    ///
    /// `onReady` gets the URL with the real port, or the path of the socket.
    public init(
        _ endpoint: Endpoint, service: any MeshService, listing: (any RegistryListing)?,
        limits: APILimits = APILimits(), logger: Logger,
        onReady: @escaping @Sendable (String) async -> Void
    ) {
        self.endpoint = endpoint
        self.service = service
        self.listing = listing
        self.limits = limits
        self.logger = logger
        self.onReady = onReady
    }

    /// Serves until the service group shuts down.
    ///
    /// Throws ``MeshFailure`` when the address cannot be taken.
    public func run() async throws {
        switch endpoint {
        case .tcp(let address): try await serve(address)
        case .controlSocket(let path): try await serveControl(path: path)
        }
    }

    private func serve(_ address: APIAddress) async throws {
        let server = try server(
            at: .hostname(address.host, port: address.port), checksHost: address.isLoopback, isControl: false
        ) { channel in
            await onReady(address.url(port: channel.localAddress?.port ?? address.port))
        }
        do {
            try await server.run()
        } catch  where !(error is CancellationError) {
            throw MeshFailure(
                .listenFailed, "cannot serve the API on \(address.host):\(address.port): \(error)",
                next: "`--api 127.0.0.1:0` takes a free port, `--api off` serves none")
        }
    }

    private func serveControl(path: String) async throws {
        let file = try ControlSocketFile(path: path)
        try file.prepare()
        defer { file.remove() }
        let failure = Mutex<MeshFailure?>(nil)
        let server = try server(
            at: .unixDomainSocket(path: file.bindPath), checksHost: false, isControl: true
        ) { channel in
            do {
                try file.publish()
                await onReady(path)
            } catch {
                // A server that is told to stop at this moment takes its socket away itself.
                guard !Task.isShuttingDownGracefully else { return }
                failure.withLock { $0 = error as? MeshFailure }
                channel.close(promise: nil)
            }
        }
        do {
            try await server.run()
        } catch  where !(error is CancellationError) {
            throw MeshFailure(
                .listenFailed, "cannot make the control socket \(path): \(error)",
                next: "check the owner and the mode of the home folder")
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    /// Hummingbird's `Application` would add a clock that ticks every second; an idle node should sleep.
    private func server(
        at address: BindAddress, checksHost: Bool, isControl: Bool,
        onRunning: @escaping @Sendable (any Channel) async -> Void
    ) throws -> any Service {
        let responder = router(checksHost: checksHost, isControl: isControl).buildResponder()
        let logger = logger
        var decoder = HTTP1Channel.Configuration.DecoderConfiguration()
        decoder.maxHeaderFieldSize = limits.maximumHeaderBytes
        decoder.maxHeaderListSize = limits.maximumHeaderBytes
        decoder.maxHeaderFieldCount = limits.maximumHeaderCount
        let channel = HTTP1Channel.Configuration(
            idleTimeout: TimeAmount(limits.idleTimeout), httpDecoderConfiguration: decoder)
        return try HTTPServerBuilder.http1(configuration: channel).buildServer(
            configuration: ServerConfiguration(
                address: address,
                availableConnectionsDelegate: MaximumAvailableConnections(
                    limits.maximumConnections, logger: logger)),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger,
            responder: { request, writer, channel in
                let context = APIContext(
                    source: ApplicationRequestContextSource(channel: channel, logger: logger))
                let response = try await responder.respond(to: request, context: context)
                try await writer.write(response: response.head, body: response.body)
            }, onServerRunning: onRunning)
    }

    private func router(checksHost: Bool, isControl: Bool) -> Router<APIContext> {
        let router = Router(context: APIContext.self)
        router.add(middleware: FailureMiddleware())
        if checksHost { router.add(middleware: HostCheckMiddleware()) }
        PublicRoutes(service: service, listing: listing, limits: limits).add(to: router)
        if isControl { ControlRoutes(service: service, limits: limits).add(to: router) }
        return router
    }
}
