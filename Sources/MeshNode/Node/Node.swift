import Logging
import MeshConnection
import MeshCore
import MeshDHT
import MeshDirectory
import MeshMultiformats
import MeshTransport
import NIOCore
import NIOPosix

/// A mesh node: its connections, its part in the DHT, and its place in the directory.
///
/// The actor's executor is the node's event loop, so sockets, machines and this actor share one thread and
/// nothing of a node's state is ever touched from two.
public actor Node: MeshService {
    /// The peer id.
    public nonisolated let peer: String
    /// The DID of the identity key.
    public nonisolated let did: String
    /// The settings.
    public nonisolated let configuration: NodeConfiguration
    /// The executor: the node's event loop.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    let identity: IdentityKey
    let logger: Logger
    let loop: any EventLoop
    private let executor: any SerialExecutor
    private let lock: HomeLock?
    let storage: any NodeStorage
    let startedAt = Instant(nanoseconds: NIODeadline.now().uptimeNanoseconds)
    var services: NodeServices?
    var apiAddress: String?
    private var state = State.new

    private enum State {
        case new
        case running
        case stopped
    }

    /// Opens the home folder and its storage, or makes an ephemeral node when there is none.
    public init(
        configuration: NodeConfiguration, logger: Logger,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws {
        self.configuration = configuration
        self.logger = logger
        loop = group.next()
        executor = loop.executor
        var generator = SystemRandomNumberGenerator()
        if let path = configuration.home {
            let home = try Home.open(path, create: true)
            let lock = try home.lock()
            self.lock = lock
            identity = try lock.identity(using: &generator)
            storage = try await SQLiteStorage.open(home.databasePath)
        } else {
            lock = nil
            identity = IdentityKey(using: &generator)
            storage = MemoryStorage()
        }
        peer = identity.peerID.description
        did = identity.did
    }

    /// Listens, restores what is stored, joins the network, and returns when the node can be used.
    public func start() async throws {
        guard case .new = state else { throw MeshFailure(.internal, "a node starts once") }
        state = .running
        do {
            let stored = try await storage.load()
            if let damage = stored.damage {
                logger.error(
                    "the database was damaged and is set aside",
                    metadata: ["reason": "\(damage.reason)", "file": "\(damage.movedTo)"])
            }
            let services = try NodeServices(node: self, stored: stored)
            self.services = services
            for address in configuration.listen { try await listen(address) }
            services.startServing()
            await services.join()
        } catch {
            await stop()
            throw error
        }
    }

    /// Stops listening, says goodbye, and closes the storage.
    ///
    /// Calling it again does nothing.
    public func stop() async {
        guard case .running = state else { return }
        state = .stopped
        if let services {
            await services.stop()
            self.services = nil
        }
        await storage.close()
        lock?.release()
    }

    /// The addresses that peers can dial, with the peer id.
    public var addresses: [String] {
        services?.swarm.advertisedAddresses.map { $0.appending(peer: identity.peerID).description } ?? []
    }

    /// Returns when the mesh record has been offered to the network; at once when there is nothing to publish.
    public func waitUntilPublished() async throws {
        let directory = try running().directory
        await withCheckedContinuation { continuation in directory.whenPublished { continuation.resume() } }
    }

    /// Notes where the HTTP API listens, for the status.
    public func setAPIAddress(_ address: String?) {
        apiAddress = address
    }

    /// Sets the members and bots that heartbeats report.
    public func setCounts(members: Int, bots: Int) {
        services?.directory.setCounts(members: members, bots: bots)
    }

    func running() throws -> NodeServices {
        guard let services else { throw MeshFailure(.stopping, "the node is not running") }
        return services
    }

    private func listen(_ address: Multiaddr) async throws {
        let services = try running()
        do {
            let real: Multiaddr
            if address.isNoiseDatagram {
                real = try services.datagrams.listen(address.withoutPeer)
                services.swarm.datagramAddresses = services.datagrams.boundAddresses
            } else {
                real = try await services.swarm.listen(address).get()
            }
            logger.debug("listening", metadata: ["address": "\(real)"])
        } catch {
            throw MeshFailure(
                .listenFailed, "cannot listen on \(address): \(error)",
                next: "choose another --listen address, or stop what uses the port")
        }
    }
}
