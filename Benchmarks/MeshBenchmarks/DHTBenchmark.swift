import Logging
import MeshCore
import MeshMultiformats
import MeshNode
import NIOCore
import NIOPosix

/// What `bench dht` prints.
public struct DHTReport: Codable, Sendable {
    /// What one kind of operation cost.
    public struct Operation: Codable, Sendable {
        /// Operations that were run.
        public var count: Int
        /// Those that gave the right answer, 0 to 1.
        public var success: Double
        /// The latency.
        public var milliseconds: Percentiles
        /// Requests per operation, on average.
        public var messages: Double
        /// Processor time of all nodes per request.
        public var cpuMicrosecondsPerRPC: Double
    }

    /// Always `dht`.
    public var benchmark = "dht"
    /// Nodes in this process, each with its own sockets.
    public var nodes: Int
    /// k, α and β.
    public var replication: Int
    /// Requests in flight of one lookup.
    public var parallelism: Int
    /// Closest peers that must answer.
    public var resiliency: Int
    /// The seed of the choice of pairs.
    public var seed: UInt64
    /// Whether the sessions are encrypted.
    public var encrypted = true
    /// Store a value at the k closest.
    public var put: Operation
    /// Get a value that another node stored, at a node that does not hold it when there is one.
    public var get: Operation
    /// Find the addresses of a peer through the network, also when the asker's own table has them.
    public var findPeer: Operation
    /// Announce a key.
    public var provide: Operation
    /// Find one provider of a key; a node that knows one answers itself.
    public var findProviders: Operation
    /// Resident memory of the process per node, after all operations.
    public var rssBytesPerNode: Int
    /// Time until all nodes had joined.
    public var joinMilliseconds: Double
}

/// A network of real nodes on loopback in this process.
public enum DHTBenchmark {
    /// Joins `nodes` nodes and runs `operations` operations of each kind between random pairs.
    public static func run(
        nodes count: Int, operations: Int, seed: UInt64, progress: @escaping @Sendable (String) -> Void
    ) async throws -> DHTReport {
        guard (2...2000).contains(count) else {
            throw MeshFailure(.badArgument, "--nodes takes 2 to 2000, not \(count)")
        }
        guard (1...100_000).contains(operations) else {
            throw MeshFailure(.badArgument, "--operations takes 1 to 100000, not \(operations)")
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        var network: [Node] = []
        do {
            let start = NIODeadline.now()
            try await join(count, group, &network, progress)
            let joined = Double((NIODeadline.now() - start).nanoseconds) / 1e6
            var report = try await measure(network, operations: operations, seed: seed, progress)
            report.joinMilliseconds = joined.rounded(digits: 1)
            for node in network { await node.stop() }
            try await group.shutdownGracefully()
            return report
        } catch {
            for node in network { await node.stop() }
            try await group.shutdownGracefully()
            throw error
        }
    }

    private static func join(
        _ count: Int, _ group: any EventLoopGroup, _ network: inout [Node],
        _ progress: @Sendable (String) -> Void
    ) async throws {
        let quiet = Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() })
        // All nodes share the process's descriptors; each connection takes one at either end.
        let maximumConnections = min(512, max(24, (FileDescriptors.limit - 512) / count * 3 / 4))
        for index in 0..<count {
            var configuration = NodeConfiguration()
            configuration.network = "bench"
            configuration.maximumConnections = maximumConnections
            configuration.listen = [try Multiaddr("/ip4/127.0.0.1/tcp/0")]
            for other in network.prefix(2) {
                if let address = await other.addresses.first {
                    configuration.bootstrap.append(try Multiaddr(address))
                }
            }
            let node = try await Node(configuration: configuration, logger: quiet, group: group)
            network.append(node)
            try await node.start()
            if index % 20 == 19 { progress("\(index + 1) of \(count) nodes joined") }
        }
    }

    private static func measure(
        _ network: [Node], operations: Int, seed: UInt64, _ progress: @Sendable (String) -> Void
    ) async throws -> DHTReport {
        var pairs = Pairs(count: network.count, generator: SeededGenerator(seed: seed))
        progress("put and get")
        let (put, get) = await measureValues(network, operations, &pairs)
        progress("find peer")
        var find = Meter()
        for _ in 0..<operations {
            let (asker, target) = pairs.two()
            let id = network[target].peer
            await find.measure {
                try await network[asker].find(FindRequest(kind: .peer, key: id, trace: true)).messages
            }
        }
        progress("provide and find providers")
        let (provide, providers) = await measureProviders(network, operations, &pairs)
        return DHTReport(
            nodes: network.count, replication: 20, parallelism: 10, resiliency: 3, seed: seed,
            put: put.operation, get: get.operation, findPeer: find.operation, provide: provide.operation,
            findProviders: providers.operation,
            rssBytesPerNode: ProcessMemory.residentByteCount / network.count, joinMilliseconds: 0)
    }

    private static func measureValues(
        _ network: [Node], _ operations: Int, _ pairs: inout Pairs
    ) async -> (put: Meter, get: Meter) {
        var put = Meter()
        var get = Meter()
        for index in 0..<operations {
            let node = network[pairs.one()]
            let value = Base64.encode(Array("value \(index)".utf8))
            await put.measure { try await node.put(PutRequest(key: key(index), value: value)).stored }
        }
        for index in 0..<operations {
            let node = network[pairs.one()]
            let expected = Base64.encode(Array("value \(index)".utf8))
            await get.measure {
                let report = try await node.find(FindRequest(kind: .value, key: key(index), trace: false))
                guard report.value == expected else { throw MeshFailure(.internal, "another value came") }
                return report.messages
            }
        }
        return (put, get)
    }

    private static func measureProviders(
        _ network: [Node], _ operations: Int, _ pairs: inout Pairs
    ) async -> (provide: Meter, find: Meter) {
        var provide = Meter()
        var find = Meter()
        for index in 0..<operations {
            let node = network[index % network.count]
            await provide.measure { try await node.provide(ProvideRequest(key: "content \(index)")).stored }
        }
        for index in 0..<operations {
            let node = network[pairs.one()]
            let provider = network[index % network.count].peer
            await find.measure {
                let report = try await node.find(
                    FindRequest(kind: .providers, key: "content \(index)", trace: false, limit: 1))
                guard report.providers?.contains(where: { $0.id == provider }) == true else {
                    throw MeshFailure(.notFound, "the provider is not among those found")
                }
                return report.messages
            }
        }
        return (provide, find)
    }

    private static func key(_ index: Int) -> String { "bench key \(index)" }
}

/// Picks nodes at random, reproducibly.
private struct Pairs {
    let count: Int
    var generator: SeededGenerator

    mutating func one() -> Int { Int.random(in: 0..<count, using: &generator) }

    mutating func two() -> (Int, Int) {
        let first = one()
        let second = (first + 1 + Int.random(in: 0..<count - 1, using: &generator)) % count
        return (first, second)
    }
}

/// Collects latency, messages and processor time of one kind of operation.
private struct Meter {
    private var latencies = LatencyHistogram()
    private var count = 0
    private var messages = 0
    private var processorSeconds = 0.0

    mutating func measure(_ body: () async throws -> Int) async {
        count += 1
        let processor = ProcessorTime.seconds
        let start = NIODeadline.now()
        guard let sent = try? await body() else { return }
        latencies.record(nanoseconds: UInt64((NIODeadline.now() - start).nanoseconds))
        processorSeconds += ProcessorTime.seconds - processor
        messages += sent
    }

    var operation: DHTReport.Operation {
        DHTReport.Operation(
            count: count, success: Double(latencies.count) / Double(max(1, count)),
            milliseconds: latencies.inMilliseconds,
            messages: (Double(messages) / Double(max(1, latencies.count))).rounded(digits: 2),
            cpuMicrosecondsPerRPC: messages == 0
                ? 0 : (processorSeconds * 1e6 / Double(messages)).rounded(digits: 1))
    }
}
