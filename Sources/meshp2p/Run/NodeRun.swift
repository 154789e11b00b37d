import Logging
import MeshAPI
import MeshNode
import ServiceLifecycle

/// What `run` and `registry` do: a node from its arguments to its last breath.
struct NodeRun {
    let home: HomeOption
    let options: RunOptions
    let network: NetworkOptions
    let output: OutputOptions
    let isRegistry: Bool

    func run() async throws {
        let start = ContinuousClock.now
        var configuration = NodeConfiguration()
        configuration.home = home.path
        configuration.isRegistry = isRegistry
        if isRegistry { configuration.kadMode = .server }
        network.apply(to: &configuration)
        try options.apply(to: &configuration)
        try NodeHome.applySettings(to: &configuration, isNetworkGiven: network.network != nil)
        let api = try options.apiAddress()
        let logger = output.logger(default: .notice)
        let node = try await Node(configuration: configuration, logger: logger)
        let console = output.console
        let folder = try Home.open(home.path, create: false)
        let daemon = NodeDaemon(
            node: node, home: folder, api: api,
            isRegistry: isRegistry, logger: logger
        ) { url in
            let time = (ContinuousClock.now - start) / .milliseconds(1)
            let ready = ReadyOutput(
                status: try await node.status(), api: url, startMilliseconds: time, home: folder.path)
            do {
                try console.show(ready)
            } catch is BrokenPipe {
                // Whoever started the node does not listen; the node is there for others.
            }
            StartupPages.release()
        }
        try await Self.group(daemon, logger).run()
    }

    private static func group(_ daemon: NodeDaemon, _ logger: Logger) -> ServiceGroup {
        var quiet = logger
        if logger.logLevel > .debug { quiet.logLevel = .critical }
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(
                    service: daemon, successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .cancelGroup)
            ], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        // Calls that are under way may end; then they are cancelled, well within the five seconds promised.
        configuration.maximumGracefulShutdownDuration = .seconds(2)
        return ServiceGroup(configuration: configuration)
    }
}
