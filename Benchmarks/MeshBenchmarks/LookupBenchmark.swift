import MeshCore
import MeshDHT
import MeshMultiformats
import MeshNode
import MeshTransport
import NIOCore
import NIOPosix

/// A DHT of many datagram nodes on loopback in this process, measured as DHT.md's rivals are.
public enum LookupBenchmark {
    /// When a search is over.
    public enum Stop: String, CaseIterable, Sendable {
        /// At the first value or provider.
        case first
        /// When all of the k closest have been asked.
        case closest
        /// Each of them, one after the other.
        case both
    }

    /// What `bench lookup` is told.
    public struct Parameters: Sendable {
        /// Nodes in this process.
        public var nodes = 100
        /// k.
        public var replication = 8
        /// α.
        public var parallelism = 4
        /// β.
        public var resiliency = 3
        /// Disjoint paths; the rivals have one.
        public var paths = 1
        /// Operations of each kind.
        public var operations = 200
        /// When searches are over.
        public var stop = Stop.both
        /// Event loops.
        public var loops = 1
        /// Seconds for which idle nodes are watched.
        public var idleSeconds = 5
        /// The seed of who asks whom.
        public var seed: UInt64 = 1

        /// Creates the parameters of the comparison with OpenDHT and libtorrent.
        public init() {}
    }

    /// Joins the network and runs all operations twice: as strangers, then with a session between every two.
    public static func run(
        _ parameters: Parameters, progress: @escaping @Sendable (String) -> Void
    ) async throws -> LookupReport {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: parameters.loops)
        var network = LookupNetwork(group: group, loops: parameters.loops)
        let result: Result<LookupReport, any Error>
        do {
            result = .success(try await measure(&network, parameters, progress))
        } catch {
            result = .failure(error)
        }
        await network.stop()
        try await group.shutdownGracefully()
        return try result.get()
    }

    private static func configuration(_ parameters: Parameters) -> KademliaConfiguration {
        var configuration = KademliaConfiguration()
        configuration.replication = parameters.replication
        configuration.parallelism = parameters.parallelism
        configuration.resiliency = min(parameters.resiliency, parameters.replication)
        configuration.disjointPaths = parameters.paths
        // All of the k closest take a record before a put is over, as the rivals' do, and a get stores nothing.
        configuration.optimisticProvide = false
        configuration.cachesAlongPath = false
        configuration.requestsPerSecondPerPeer = 10_000_000
        configuration.requestBurstPerPeer = 10_000_000
        configuration.reportsSteps = false
        return configuration
    }

    private static func measure(
        _ network: inout LookupNetwork, _ parameters: Parameters, _ progress: @Sendable (String) -> Void
    ) async throws -> LookupReport {
        let load = LoadAverage.lastMinute
        let empty = (resident: ProcessMemory.residentByteCount, anonymous: SystemFile.anonymousByteCount)
        let kernel = SystemFile.datagramsSent
        var rng = SeededGenerator(seed: parameters.seed)
        let start = Instant.now
        let processor = ProcessorTime.seconds
        for number in 0..<parameters.nodes {
            // The places in the key space are the same in every run with one seed.
            try await network.open(IdentityKey(using: &rng), configuration(parameters))
            guard number > 0 else { continue }
            await network.join(number, through: Array(Set([0, Int.random(in: 0..<number, using: &rng)])))
            if number % 20 == 19 { progress("\(number + 1) of \(parameters.nodes) nodes joined") }
        }
        try await network.settle()
        let count = Double(parameters.nodes)
        let joined = Instant.now.duration(since: start).milliseconds
        let joinProcessor = (ProcessorTime.seconds - processor) * 1000 / count
        let joinTotals = await network.totals
        progress("idle for \(parameters.idleSeconds) s")
        let idle = try await idle(network, seconds: parameters.idleSeconds)
        let used = (resident: ProcessMemory.residentByteCount, anonymous: SystemFile.anonymousByteCount)
        var run = LookupPasses(network: network, parameters: parameters, rng: rng)
        progress("operations among strangers")
        let cold = try await run.pass("cold")
        progress("a session between every two nodes")
        try await network.meetEachOther()
        progress("operations among acquaintances")
        let warm = try await run.pass("warm")
        return LookupReport(
            nodes: parameters.nodes, loops: parameters.loops, replication: parameters.replication,
            parallelism: parameters.parallelism, resiliency: parameters.resiliency, paths: parameters.paths,
            operations: parameters.operations, seed: parameters.seed, loadAverage: load,
            joinMilliseconds: joined.rounded(digits: 1),
            joinCPUMillisecondsPerNode: joinProcessor.rounded(digits: 3),
            joinDatagramsPerNode: (Double(joinTotals.sent) / count).rounded(digits: 1),
            tablePeersMean: (Double(joinTotals.tablePeers) / count).rounded(digits: 1),
            sessionsMean: (Double(joinTotals.sessions) / count).rounded(digits: 1),
            idleCPUPercentPerNode: idle.percent, idleDatagramsPerSecondPerNode: idle.datagrams,
            rssBytesPerIdleNode: max(0, used.resident - empty.resident) / parameters.nodes,
            anonymousBytesPerIdleNode: max(0, used.anonymous - empty.anonymous) / parameters.nodes,
            rssBytesPerNode: max(0, ProcessMemory.residentByteCount - empty.resident) / parameters.nodes,
            datagramsSent: await network.totals.sent,
            datagramsSentByKernel: SystemFile.datagramsSent - kernel, overlapTrueClosest: run.overlap,
            replicasMean: run.replicasMean, cold: cold, warm: warm)
    }

    private static func idle(
        _ network: LookupNetwork, seconds: Int
    ) async throws -> (percent: Double, datagrams: Double) {
        guard seconds > 0 else { return (0, 0) }
        let sent = await network.totals.sent
        let processor = ProcessorTime.seconds
        try await Task.sleep(for: .seconds(seconds))
        let spent = ProcessorTime.seconds - processor
        let datagrams = Double(await network.totals.sent - sent)
        let share = Double(seconds) * Double(network.count)
        return ((spent / share * 100).rounded(digits: 5), (datagrams / share).rounded(digits: 4))
    }
}

/// The operations, and what the puts left behind.
private struct LookupPasses {
    let network: LookupNetwork
    let parameters: LookupBenchmark.Parameters
    var rng: SeededGenerator
    private var puts = 0
    private var held = 0
    private var heldByClosest = 0

    init(network: LookupNetwork, parameters: LookupBenchmark.Parameters, rng: SeededGenerator) {
        self.network = network
        self.parameters = parameters
        self.rng = rng
    }

    /// Of the true k closest, those that held the record.
    var overlap: Double {
        let wanted = Double(puts * min(parameters.replication, network.count - 1))
        return (Double(heldByClosest) / max(1, wanted)).rounded(digits: 4)
    }

    var replicasMean: Double { (Double(held) / Double(max(1, puts))).rounded(digits: 2) }

    private var stopsFirst: Bool { parameters.stop != .closest }
    private var asksAll: Bool { parameters.stop != .first }

    mutating func pass(_ name: String) async throws -> LookupReport.Pass {
        let keys = (0..<parameters.operations).map { Array("\(name) key \($0)".utf8) }
        let contents = (0..<parameters.operations).map {
            Multihash.sha256(of: Array("\(name) content \($0)".utf8)).encoded
        }
        let publishers = keys.map { _ in anyone() }
        let put = try await self.put(keys, by: publishers)
        let getFirst = stopsFirst ? try await get(keys, by: publishers, isFirstEnough: true) : nil
        let getClosest = asksAll ? try await get(keys, by: publishers, isFirstEnough: false) : nil
        var meter = try await LookupMeter(network)
        for (content, publisher) in zip(contents, publishers) {
            await meter.run(.provide(key: content), at: publisher) { outcome in
                if case .provided(let sent) = outcome { sent > 0 } else { false }
            }
        }
        let provide = try await meter.operation()
        return LookupReport.Pass(
            put: put, getFirst: getFirst, getClosest: getClosest, provide: provide,
            findProvidersFirst: stopsFirst
                ? try await findProviders(contents, by: publishers, isFirstEnough: true) : nil,
            findProvidersClosest: asksAll
                ? try await findProviders(contents, by: publishers, isFirstEnough: false) : nil,
            findPeer: try await findPeer(), closestPeers: try await closestPeers(name))
    }

    private mutating func put(
        _ keys: [[UInt8]], by publishers: [Int]
    ) async throws -> LookupReport.Operation {
        var meter = try await LookupMeter(network)
        for (index, key) in keys.enumerated() {
            await meter.run(.put(key: key, value: Self.value(index)), at: publishers[index]) { outcome in
                if case .stored(let acknowledged, _) = outcome { acknowledged > 0 } else { false }
            }
        }
        let operation = try await meter.operation()
        for (key, publisher) in zip(keys, publishers) {
            let holders = await network.holders(of: key, isProvided: false).subtracting([publisher])
            let closest = network.closest(to: key, count: parameters.replication, without: publisher)
            puts += 1
            held += holders.count
            heldByClosest += holders.intersection(closest).count
        }
        return operation
    }

    private mutating func get(
        _ keys: [[UInt8]], by publishers: [Int], isFirstEnough: Bool
    ) async throws -> LookupReport.Operation {
        var askers: [Int] = []
        for (key, publisher) in zip(keys, publishers) {
            askers.append(await stranger(to: key, isProvided: false, publisher: publisher))
        }
        var meter = try await LookupMeter(network)
        for (index, key) in keys.enumerated() {
            let task = DatagramHost.Task.get(key: key, isFirstEnough: isFirstEnough)
            await meter.run(task, at: askers[index]) { outcome in
                if case .value(let value, _) = outcome { value == Self.value(index) } else { false }
            }
        }
        return try await meter.operation()
    }

    private mutating func findProviders(
        _ keys: [[UInt8]], by publishers: [Int], isFirstEnough: Bool
    ) async throws -> LookupReport.Operation {
        var askers: [Int] = []
        for (key, publisher) in zip(keys, publishers) {
            askers.append(await stranger(to: key, isProvided: true, publisher: publisher))
        }
        var meter = try await LookupMeter(network)
        for (index, key) in keys.enumerated() {
            let provider = network.places[publishers[index]].peer
            let task = DatagramHost.Task.findProviders(key: key, isFirstEnough: isFirstEnough)
            await meter.run(task, at: askers[index]) { outcome in
                if case .providers(let found) = outcome {
                    found.contains { $0.id == provider }
                } else {
                    false
                }
            }
        }
        return try await meter.operation()
    }

    private mutating func findPeer() async throws -> LookupReport.Operation {
        var pairs: [(asker: Int, target: Int)] = []
        for _ in 0..<parameters.operations {
            var pair = (asker: anyone(), target: anyone())
            // In a small network somebody may know everybody.
            for _ in 0..<20 {
                let isKnown = await network.knows(pair.asker, pair.target)
                guard isKnown || pair.asker == pair.target else { break }
                pair = (asker: anyone(), target: anyone())
            }
            if pair.asker == pair.target { pair.target = (pair.target + 1) % network.count }
            pairs.append(pair)
        }
        var meter = try await LookupMeter(network)
        for pair in pairs {
            let wanted = network.places[pair.target]
            await meter.run(.findPeer(wanted.peer), at: pair.asker) { outcome in
                if case .peer(let peer) = outcome {
                    peer.id == wanted.peer && peer.addresses.contains(wanted.address)
                } else {
                    false
                }
            }
        }
        return try await meter.operation()
    }

    private mutating func closestPeers(_ name: String) async throws -> LookupReport.Operation {
        let askers = (0..<parameters.operations).map { _ in anyone() }
        var meter = try await LookupMeter(network)
        for (index, asker) in askers.enumerated() {
            let key = Array("\(name) place \(index)".utf8)
            let closest = network.closest(to: key, count: parameters.replication, without: asker)
            let nearest = closest.first.map { network.places[$0].peer }
            await meter.run(.closestPeers(key: key), at: asker) { outcome in
                if case .closestPeers(let peers) = outcome { peers.first?.id == nearest } else { false }
            }
        }
        return try await meter.operation()
    }

    private mutating func anyone() -> Int { Int.random(in: 0..<network.count, using: &rng) }

    /// Somebody who neither published the key nor holds it, when there is such a node.
    private mutating func stranger(to key: [UInt8], isProvided: Bool, publisher: Int) async -> Int {
        let holders = await network.holders(of: key, isProvided: isProvided)
        let others = network.places.indices.filter { $0 != publisher && !holders.contains($0) }
        return others.randomElement(using: &rng) ?? (publisher + 1) % network.count
    }

    /// 200 bytes that no other key has.
    private static func value(_ index: Int) -> [UInt8] {
        let text = Array("value \(index) ".utf8)
        return text + [UInt8](repeating: 0x78, count: 200 - text.count)
    }
}
