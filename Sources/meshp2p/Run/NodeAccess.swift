import Logging
import MeshAPI
import MeshNode

/// Finds the node that a command acts through: the running one of the home, else a temporary client.
struct NodeAccess: Sendable {
    let home: String
    /// Whether the person named the home.
    let isHomeGiven: Bool
    let configuration: NodeConfiguration
    /// Whether the person described a network, and so a temporary client.
    let isNetworkGiven: Bool
    let console: Console
    let logger: Logger

    init(home: HomeOption, network: NetworkOptions?, output: OutputOptions) {
        var configuration = NodeConfiguration()
        configuration.kadMode = .client
        network?.apply(to: &configuration)
        self.home = home.path
        isHomeGiven = home.home != nil
        self.configuration = configuration
        isNetworkGiven = network?.isGiven ?? false
        console = output.console
        logger = output.logger(default: .error)
    }

    /// Runs `work` on the running node; without one it fails and says how to start it.
    func withRunningNode<Result: Sendable>(
        _ why: String?, _ work: @Sendable (any MeshService) async throws -> Result
    ) async throws -> Result {
        do {
            return try await withClient { try await work($0) }
        } catch let failure as MeshFailure where failure.code == .noNode {
            throw MeshFailure(
                .noNode, why.map { "\(failure.message); \($0)" } ?? failure.message,
                next:
                    "start the node with `meshp2p run\(isHomeGiven ? " --home \(home)" : "")`, then try again"
            )
        }
    }

    /// Runs `work` on the running node, else on a temporary client with a fresh identity.
    func withAnyNode<Result: Sendable>(
        _ work: @Sendable (any MeshService) async throws -> Result
    ) async throws -> Result {
        if try await actsThroughRunningNode() { return try await withClient { try await work($0) } }
        let node = try await Node(configuration: configuration, logger: logger)
        do {
            try await node.start()
            let result = try await work(node)
            await node.stop()
            return result
        } catch {
            await node.stop()
            throw error
        }
    }

    /// A person who describes a network without naming a home means that network, whatever runs here.
    private func actsThroughRunningNode() async throws -> Bool {
        guard isHomeGiven || !isNetworkGiven else { return false }
        if try await isNodeRunning() {
            if isNetworkGiven {
                console.note(
                    "note: the node on \(home) is asked; --bootstrap, --network and --kad-protocol do not apply to it"
                )
            }
            return true
        }
        if isHomeGiven {
            console.note("note: no node runs on \(home); a temporary client asks instead")
        }
        return false
    }

    /// Whether a node runs on the home.
    ///
    /// A home that cannot be trusted is a failure only when it was named.
    private func isNodeRunning() async throws -> Bool {
        do {
            return try await withClient { try await $0.isAnswering() }
        } catch let failure as MeshFailure where failure.code == .noNode || !isHomeGiven {
            return false
        }
    }

    /// Runs `work` with a client of the home's node.
    ///
    /// The folder stays open meanwhile, because the path of the socket may lead through it.
    private func withClient<Result: Sendable>(
        _ work: @Sendable (ControlClient) async throws -> Result
    ) async throws -> Result {
        let folder: Home
        do {
            folder = try Home.open(home, create: false)
        } catch  where error.code == .notFound {
            throw MeshFailure(.noNode, error.message, next: "start a node with `meshp2p run`")
        }
        let client = ControlClient(
            socketPath: folder.controlSocketPath, displayedPath: folder.displayedControlSocketPath)
        defer { withExtendedLifetime(folder) {} }
        return try await work(client)
    }
}
