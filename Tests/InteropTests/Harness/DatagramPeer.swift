import Foundation
import Testing

/// The second implementation of Noise datagrams, written in Python from `Specs/noise-datagrams.md` alone.
enum DatagramPeer {
    /// What its responder counted.
    struct Counts: Decodable, Sendable {
        /// By what happened, such as `received Completion`.
        let counts: [String: Int]
        /// Requests by type: PUT_VALUE, GET_VALUE, ADD_PROVIDER, GET_PROVIDERS, FIND_NODE, PING.
        let kad: [Int]
    }

    /// What one of its checks found.
    struct Check: Decodable, Sendable {
        let check: String
        let ok: Bool?
        let error: String?
    }

    /// What came back to the sources of a flood.
    struct Flood: Decodable, Sendable {
        let sent: Int
        let sources: Int
        let returned: [String: Int]
        /// Bytes that came back to a source for each byte sent in its name, at the source that got most.
        let worstRatio: Double
        /// Sources that got something although nothing was sent in their name.
        let strayReturns: Int
    }

    /// The part of `status` that these tests read.
    struct NodeStatus: Decodable, Sendable {
        struct Datagrams: Decodable, Sendable {
            let sessions: Int
            let handshakes: Int
            let received: Int
            let retransmissions: Int
            let drops: [String: Int]
        }

        let memoryBytes: Int
        let datagrams: Datagrams
    }
}

extension Stage {
    /// Starts a command of the second implementation.
    func datagramPeer(_ command: String, _ arguments: [String]) throws -> ChildProcess {
        try driver("noise_datagram", of: .pylibp2p, [command] + arguments)
    }

    /// Starts its responder and waits until it can be asked.
    func serveDatagrams(
        _ arguments: [String] = []
    ) async throws -> (peer: ForeignPeer, process: ChildProcess) {
        try await datagramServer("serve", ["--network", Stage.kadProtocol] + arguments)
    }

    /// Starts a NAT in front of `node` that changes its port after every few packets.
    func forwardDatagrams(
        to node: OurNode, every count: Int
    ) async throws -> (peer: ForeignPeer, process: ChildProcess) {
        try await datagramServer("forward", ["--every", "\(count)", node.datagramAddress])
    }

    /// Runs checks of the second implementation against `node`; a failure names every check that failed.
    func ask(_ node: OurNode, _ checks: [String], options: [String] = []) async throws {
        let asker = try datagramPeer(
            "ask", options + ["--network", Stage.kadProtocol, node.datagramAddress] + checks)
        let lines = try await asker.rest(within: .seconds(90))
        #expect(asker.exitCode == 0 && !lines.isEmpty, "\(asker.errorText)")
        for line in lines {
            let report = try JSONDecoder().decode(DatagramPeer.Check.self, from: Data(line.utf8))
            #expect(report.ok == true, "\(line)")
        }
    }

    /// Sends a flood at `node` and waits for its end.
    func flood(_ node: OurNode, _ arguments: [String]) async throws -> DatagramPeer.Flood {
        let flood = try datagramPeer("flood", arguments + [node.datagramAddress])
        let lines = try await flood.rest(within: .seconds(60))
        let line = try #require(lines.last, "\(flood.errorText)")
        return try JSONDecoder().decode(DatagramPeer.Flood.self, from: Data(line.utf8))
    }

    /// What `node` tells of its datagrams and its memory.
    func datagramStatus(of node: OurNode) async throws -> DatagramPeer.NodeStatus {
        try await command(["status"], through: node).report(DatagramPeer.NodeStatus.self)
    }

    private func datagramServer(
        _ command: String, _ arguments: [String]
    ) async throws -> (peer: ForeignPeer, process: ChildProcess) {
        let process = try datagramPeer(command, arguments)
        let line = try await process.nextLine(within: .seconds(30))
        let text = try #require(line, "\(command) ended at once: \(process.errorText)")
        return (try JSONDecoder().decode(ForeignPeer.self, from: Data(text.utf8)), process)
    }
}

extension ChildProcess {
    /// What a responder of the second implementation counted so far.
    func datagramCounts() async throws -> DatagramPeer.Counts {
        try send(line: "")
        let line = try #require(try await nextLine(), "\(errorText)")
        return try JSONDecoder().decode(DatagramPeer.Counts.self, from: Data(line.utf8))
    }
}
