import MeshConnection
import MeshCore
import MeshNode
import NIOPosix

/// Encrypted requests and responses over UDP on loopback, both ends in this process.
public enum RPCBenchmark {
    /// What `bench rpc` is told.
    public struct Parameters: Sendable {
        /// Bytes of an echo request.
        public var payload = 200
        /// Requests of one case.
        public var requests = 20_000
        /// Handshakes of either kind.
        public var handshakes = 200
        /// Requests in flight, one case each.
        public var windows = [1, 64]
        /// Event loops, one case each: 1 or 2.
        public var loops = [1, 2]
        /// k of the machine that answers FIND_NODE.
        public var replication = 20

        /// Creates the defaults.
        public init() {}
    }

    /// The longest echo that fits in one datagram: 1,200 bytes less header, frame and tag.
    public static let maximumPayload = 1160

    /// Measures every case.
    public static func run(
        _ parameters: Parameters, progress: @escaping @Sendable (String) -> Void
    ) async throws -> RPCReport {
        let load = LoadAverage.lastMinute
        var cases: [RPCReport.Case] = []
        for loops in parameters.loops {
            progress("warm requests, \(loops) loops")
            cases += try await warm(parameters, loops: loops)
        }
        progress("handshakes")
        let cold = try await cold(parameters)
        let resumption = try await resumption(parameters)
        let echoes = cases.filter { $0.kind == "echo" }
        guard let busiest = echoes.max(by: { ($0.window, $1.loops) < ($1.window, $0.loops) }),
            let calmest = echoes.min(by: { ($0.window, $0.loops) < ($1.window, $1.loops) })
        else { throw MeshFailure(.badArgument, "there is no window or no loop to measure") }
        return RPCReport(
            payload: parameters.payload, loadAverage: load,
            cpuMicrosecondsPerRPC: busiest.cpuMicrosecondsPerRPC,
            roundTripMicroseconds: calmest.roundTripMicroseconds, rpcPerSecond: busiest.rpcPerSecond,
            cases: cases, cold: cold, resumption: resumption)
    }

    // MARK: Warm

    private static func warm(_ parameters: Parameters, loops: Int) async throws -> [RPCReport.Case] {
        try await withEnds(loops: loops) { client, server in
            _ = try await client.open(configuration: .unlimitedRequests)
            let target = try await server.open(configuration: .unlimitedRequests)
            let payload = [UInt8](repeating: 0x5a, count: parameters.payload)
            var cases: [RPCReport.Case] = []
            for window in parameters.windows {
                cases.append(
                    await measure(
                        .echo(payload), parameters.requests, window, loops, client, server, target))
            }
            await server.answerFindNode(replication: parameters.replication)
            for window in parameters.windows {
                cases.append(
                    await measure(.findNode, parameters.requests, window, loops, client, server, target))
            }
            return cases
        }
    }

    private static func measure(
        _ request: RPCEnd.Request, _ count: Int, _ window: Int, _ loops: Int, _ client: RPCEnd,
        _ server: RPCEnd, _ target: RPCEnd.Place
    ) async -> RPCReport.Case {
        // Makes the session, and takes the estimate of the round trip to what it is.
        _ = await client.run(request, count: max(10, count / 10), window: window, target: target)
        let sent = await client.sentCount + server.sentCount
        let processor = ProcessorTime.seconds
        let outcome = await client.run(request, count: count, window: window, target: target)
        let spent = ProcessorTime.seconds - processor
        let datagrams = await client.sentCount + server.sentCount - sent
        let answered = max(outcome.latencies.count, 1)
        return RPCReport.Case(
            kind: request.name, loops: loops, window: window, requests: outcome.latencies.count,
            failures: outcome.failures,
            datagramsPerRPC: (Double(datagrams) / Double(answered)).rounded(digits: 3),
            cpuMicrosecondsPerRPC: (spent * 1e6 / Double(answered)).rounded(digits: 3),
            roundTripMicroseconds: outcome.latencies.inMicroseconds,
            rpcPerSecond: (Double(answered) * 1000 / outcome.duration.milliseconds).rounded(digits: 0))
    }

    // MARK: Handshakes

    /// As many clients as handshakes: each knows nobody.
    private static func cold(_ parameters: Parameters) async throws -> RPCReport.Handshake {
        try await withEnds(loops: 1) { client, server in
            let target = try await server.open(configuration: .unlimited)
            for _ in 0..<parameters.handshakes { _ = try await client.open(configuration: .unlimited) }
            let payload = [UInt8](repeating: 0x5a, count: parameters.payload)
            return await handshakes { await client.askFromEach(target, payload: payload) }
        }
    }

    /// A client with room for one session asks two servers in turn: it knows the key of each, and has no session.
    private static func resumption(_ parameters: Parameters) async throws -> RPCReport.Handshake {
        try await withEnds(loops: 1) { client, server in
            var configuration = DatagramConfiguration.unlimited
            configuration.maximumSessionCount = 1
            _ = try await client.open(configuration: configuration)
            let targets = [
                try await server.open(configuration: .unlimited),
                try await server.open(configuration: .unlimited),
            ]
            let payload = [UInt8](repeating: 0x5a, count: parameters.payload)
            _ = await client.ask(targets, count: targets.count, payload: payload)
            return await handshakes {
                await client.ask(targets, count: parameters.handshakes, payload: payload)
            }
        }
    }

    private static func handshakes(_ body: () async -> RPCEnd.Outcome) async -> RPCReport.Handshake {
        let processor = ProcessorTime.seconds
        let outcome = await body()
        let spent = ProcessorTime.seconds - processor
        let answered = max(outcome.latencies.count, 1)
        return RPCReport.Handshake(
            count: outcome.latencies.count, failures: outcome.failures,
            cpuMillisecondsPerHandshake: (spent * 1000 / Double(answered)).rounded(digits: 4),
            firstAnswerMilliseconds: outcome.latencies.inMilliseconds)
    }

    /// Runs `body` with two ends on one event loop, or each on its own.
    private static func withEnds<Value: Sendable>(
        loops: Int, _ body: (RPCEnd, RPCEnd) async throws -> Value
    ) async throws -> Value {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
        let client = RPCEnd(loop: group.next())
        let server = RPCEnd(loop: group.next())
        let result: Result<Value, any Error>
        do { result = .success(try await body(client, server)) } catch { result = .failure(error) }
        await client.stop()
        await server.stop()
        try await group.shutdownGracefully()
        return try result.get()
    }
}

extension RPCEnd.Request {
    /// The kind as reports name it.
    var name: String {
        switch self {
        case .echo: "echo"
        case .findNode: "findNode"
        }
    }
}
