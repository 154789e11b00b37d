import MeshCore
import MeshMultiformats
import MeshNode
import MeshTransport
import NIOPosix

/// What `bench connect` prints.
public struct ConnectReport: Codable, Sendable {
    /// Always `connect`.
    public var benchmark = "connect"
    /// The agent at the other end.
    public var target: String
    /// Connections that were made one after the other.
    public var connections: Int
    /// Dial, Noise, yamux and identify, in milliseconds.
    public var connectMillisecondsMedian: Double
    /// The value that 95 of 100 do not exceed.
    public var connectMillisecondsP95: Double
    /// Connections per second, one after the other.
    public var handshakesPerSecond: Double
    /// Processor time of this process per connection: of both ends when the target is our own.
    public var cpuMillisecondsPerHandshake: Double
}

/// What `bench ping` prints.
public struct PingReport: Codable, Sendable {
    /// Always `ping`.
    public var benchmark = "ping"
    /// The agent at the other end.
    public var target: String
    /// Pings on one warm stream.
    public var pings: Int
    /// The median round trip, in microseconds.
    public var roundTripMicrosecondsMedian: Double
    /// The fastest round trip, in microseconds.
    public var roundTripMicrosecondsMinimum: Double
    /// The value that 99 of 100 do not exceed, in microseconds.
    public var roundTripMicrosecondsP99: Double
}

/// What `bench stream` prints.
public struct StreamReport: Codable, Sendable {
    /// Always `stream`.
    public var benchmark = "stream"
    /// The agent at the other end.
    public var target: String
    /// Bytes of one upload.
    public var byteCount: UInt64
    /// The uploads.
    public var runs: Int
    /// The median upload rate: 10^6 bytes a second.
    public var megabytesPerSecond: Double
    /// The rate of every run.
    public var megabytesPerSecondAll: [Double]
    /// Processor seconds of this process per gigabyte: of both ends when the target is our own.
    public var cpuSecondsPerGigabyte: Double
}

/// Benchmarks of connections: between two peers in this process, or from one to a foreign target.
public enum ConnectionBenchmarks {
    /// Connects `count` times, each a new TCP connection, and waits for identify each time.
    public static func connect(target: Multiaddr?, count: Int) async throws -> ConnectReport {
        try await withPeers(target) { client, address in
            var latencies = LatencyHistogram()
            var busy = Duration.zero
            var agent = ""
            let warm = try await client.connect(address)
            await client.disconnect(warm.number)
            let processor = ProcessorTime.seconds
            for _ in 0..<count {
                let (number, duration) = try await client.connect(address)
                latencies.record(duration)
                busy += duration
                agent = await client.agent(number) ?? agent
                await client.disconnect(number)
            }
            let spent = ProcessorTime.seconds - processor
            return ConnectReport(
                target: agent, connections: count,
                connectMillisecondsMedian: latencies.milliseconds(50).rounded(digits: 3),
                connectMillisecondsP95: latencies.milliseconds(95).rounded(digits: 3),
                handshakesPerSecond: (1000 * Double(count) / busy.milliseconds).rounded(digits: 1),
                cpuMillisecondsPerHandshake: (1000 * spent / Double(count)).rounded(digits: 3))
        }
    }

    /// Pings `count` times over one warm connection.
    public static func ping(target: Multiaddr?, count: Int) async throws -> PingReport {
        try await withPeers(target) { client, address in
            let (number, _) = try await client.connect(address)
            let durations = try await client.ping(number, count: count)
            guard durations.count == count else {
                throw MeshFailure(.unreachable, "\(durations.count) of \(count) pings were answered")
            }
            var latencies = LatencyHistogram()
            for duration in durations { latencies.record(duration) }
            let percentiles = latencies.inMicroseconds
            return PingReport(
                target: await client.agent(number) ?? "", pings: count,
                roundTripMicrosecondsMedian: percentiles.p50,
                roundTripMicrosecondsMinimum: (latencies.minimumMilliseconds * 1000).rounded(digits: 2),
                roundTripMicrosecondsP99: percentiles.p99)
        }
    }

    /// Uploads `byteCount` bytes `runs` times over one connection.
    public static func stream(target: Multiaddr?, byteCount: UInt64, runs: Int) async throws -> StreamReport {
        try await withPeers(target) { client, address in
            let (number, _) = try await client.connect(address)
            _ = try await client.upload(number, byteCount: min(byteCount, 32 << 20))
            var rates: [Double] = []
            var latencies = LatencyHistogram()
            let processor = ProcessorTime.seconds
            for _ in 0..<runs {
                let duration = try await client.upload(number, byteCount: byteCount)
                latencies.record(duration)
                rates.append((Double(byteCount) / 1000 / duration.milliseconds).rounded(digits: 1))
            }
            let gigabytes = Double(byteCount) * Double(runs) / 1e9
            return StreamReport(
                target: await client.agent(number) ?? "", byteCount: byteCount, runs: runs,
                megabytesPerSecond: (Double(byteCount) / 1000 / latencies.milliseconds(50)).rounded(
                    digits: 1),
                megabytesPerSecondAll: rates,
                cpuSecondsPerGigabyte: ((ProcessorTime.seconds - processor) / gigabytes).rounded(digits: 3))
        }
    }

    /// Runs `body` with a client and the address of the target, or of a second peer of ours on its own loop.
    private static func withPeers<Report>(
        _ target: Multiaddr?, _ body: (BenchPeer, Multiaddr) async throws -> Report
    ) async throws -> Report {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let client = BenchPeer(group: group)
        let server = BenchPeer(group: group)
        _ = try await client.start(listens: false)
        do {
            let own = target == nil ? try await server.start(listens: true) : nil
            guard let address = target ?? own else { throw MeshFailure(.internal, "no address to dial") }
            let report = try await body(client, address)
            await client.stop()
            await server.stop()
            try await group.shutdownGracefully()
            return report
        } catch {
            await client.stop()
            await server.stop()
            try await group.shutdownGracefully()
            throw error
        }
    }
}
