import Logging
import MeshMultiformats
import MeshNode

/// Nodes of one test; all are stopped when it ends.
final actor TestNetwork {
    private var nodes: [Node] = []

    static func run(_ body: (TestNetwork) async throws -> Void) async throws {
        let network = TestNetwork()
        do {
            try await body(network)
            await network.stop()
        } catch {
            await network.stop()
            throw error
        }
    }

    /// What a node listens for.
    enum Carriers {
        case streams, datagrams, both, none

        /// Free loopback ports.
        var listen: [String] {
            switch self {
            case .streams: ["/ip4/127.0.0.1/tcp/0"]
            case .datagrams: ["/ip4/127.0.0.1/udp/0/noise"]
            case .both: ["/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/udp/0/noise"]
            case .none: []
            }
        }
    }

    /// Starts a node on free loopback ports that joins through another one.
    func node(
        name: String? = nil, capabilities: [String] = [], isPublic: Bool = true, isRegistry: Bool = false,
        home: String? = nil, through entrance: Node? = nil, registry: Node? = nil,
        carriers: Carriers = .streams, presharedKey: String? = nil, kadProtocol: String? = nil
    ) async throws -> Node {
        var configuration = NodeConfiguration()
        configuration.name = name
        configuration.home = home
        configuration.capabilities = capabilities
        configuration.isPublic = isPublic
        configuration.isRegistry = isRegistry
        configuration.network = "test"
        configuration.listen = try carriers.listen.map { try Multiaddr($0) }
        configuration.presharedKey = presharedKey
        configuration.kadProtocol = kadProtocol
        configuration.bootstrap = try await Self.addresses(entrance)
        configuration.registries = try await Self.addresses(registry)
        let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let node = try await Node(configuration: configuration, logger: quiet)
        nodes.append(node)
        try await node.start()
        return node
    }

    /// Asks until there is an answer; the suite's time limit is the end.
    nonisolated func poll<Answer: Sendable>(_ ask: () async -> Answer?) async -> Answer? {
        while !Task.isCancelled {
            if let answer = await ask() { return answer }
            await Task.yield()
        }
        return nil
    }

    private static func addresses(_ node: Node?) async throws -> [Multiaddr] {
        guard let node else { return [] }
        return try await node.addresses.prefix(1).map { try Multiaddr($0) }
    }

    private func stop() async {
        for node in nodes { await node.stop() }
    }
}
