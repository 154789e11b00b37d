import Logging
import MeshCore
import MeshDHT
import MeshMultiformats
import MeshTransport
import NIOCore

/// Brings the node into the network through its bootstrap peers and the peers that it remembers.
///
/// While it has no peer it tries again, every time after twice the delay, until one answers.
final class Joiner {
    /// How long the start of a node waits for the network.
    private static let joinTimeout: TimeAmount = .seconds(5)
    /// The delay after the first failure, and the longest.
    private static let retryDelay: (first: TimeAmount, longest: TimeAmount) = (.seconds(1), .seconds(60))
    /// Remembered peers that are dialled at once.
    private static let maximumStoredDials = 16

    private let bootstrap: [Multiaddr]
    private let stored: [KadPeer]
    private let swarm: Swarm
    private let driver: KademliaDriver
    private let logger: Logger
    private var delay = Joiner.retryDelay.first
    private var retry: Scheduled<Void>?
    private var isJoining = false
    private var isStopped = false

    init(
        bootstrap: [Multiaddr], stored: [KadPeer], swarm: Swarm, driver: KademliaDriver, logger: Logger
    ) {
        self.bootstrap = bootstrap
        self.stored = stored
        self.swarm = swarm
        self.driver = driver
        self.logger = logger
    }

    /// Joins and returns when the table is filled, when nobody can be reached, or when the time is up.
    nonisolated(nonsending) func join() async {
        guard !bootstrap.isEmpty || !stored.isEmpty else { return }
        let promise = swarm.loop.makePromise(of: Void.self)
        let timeout = swarm.loop.scheduleTask(in: Self.joinTimeout) { promise.succeed() }
        attempt { promise.succeed() }
        try? await promise.futureResult.get()
        timeout.cancel()
    }

    /// Joins again, when the node has lost everybody.
    func rejoin() {
        guard !isStopped, !isJoining, retry == nil, !bootstrap.isEmpty || !stored.isEmpty else { return }
        let bound = NIOLoopBound(self, eventLoop: swarm.loop)
        retry = swarm.loop.scheduleTask(in: delay) {
            bound.value.retry = nil
            bound.value.attempt {}
        }
        delay = min(delay * 2, Self.retryDelay.longest)
    }

    func stop() {
        isStopped = true
        retry?.cancel()
    }

    private func attempt(completion: @escaping () -> Void) {
        isJoining = true
        let targets =
            bootstrap.map { (peer: $0.peerID, addresses: [$0.withoutPeer]) }
            + stored.prefix(Self.maximumStoredDials).map { (peer: $0.id, addresses: $0.addresses) }
        var open = targets.count
        var hasBootstrapped = false
        for target in targets {
            reach(target.peer, target.addresses) { [weak self] failure in
                guard let self, !self.isStopped else { return completion() }
                open -= 1
                if let failure {
                    self.logger.info("a bootstrap peer cannot be reached: \(failure)")
                } else {
                    guard !hasBootstrapped else { return }
                    hasBootstrapped = true
                    self.waitForTable(completion)
                }
                guard open == 0, !hasBootstrapped else { return }
                self.isJoining = false
                self.rejoin()
                completion()
            }
        }
    }

    /// Makes a session in datagrams where there is an address for it, else a connection; reports why neither came about.
    private func reach(
        _ peer: PeerID?, _ addresses: [Multiaddr], completion: @escaping ((any Error)?) -> Void
    ) {
        let streams = addresses.filter { !$0.isNoiseDatagram }
        guard let peer, streams.count < addresses.count else {
            return connect(peer, addresses, completion: completion)
        }
        driver.ping(peer, addresses: addresses) { [weak self] failure in
            guard let self, failure != nil, !streams.isEmpty else { return completion(failure) }
            self.connect(peer, streams, completion: completion)
        }
    }

    private func connect(
        _ peer: PeerID?, _ addresses: [Multiaddr], completion: @escaping ((any Error)?) -> Void
    ) {
        swarm.connect(peer, addresses: addresses, isManual: true) { result in
            switch result {
            case .success: completion(nil)
            case .failure(let failure): completion(failure)
            }
        }
    }

    /// The first peer enters the table when it has said what it speaks and answered a check; then the table is
    /// filled through it.
    private func waitForTable(_ completion: @escaping () -> Void) {
        driver.whenTableHasPeers { [weak self] in
            guard let self, !self.isStopped else { return completion() }
            self.driver.query { machine, now, generator, effects in
                machine.bootstrap(now: now, using: &generator, into: &effects)
            } completion: { [weak self] _ in
                self?.isJoining = false
                self?.delay = Self.retryDelay.first
                completion()
            }
        }
    }
}
