import Foundation
import Testing

extension InteropTests {
    /// `meshp2p dial` against foreign peers.
    @Suite struct DialsForeignPeersTests {
        @Test(arguments: ForeignImplementation.allCases)
        func `a foreign peer is dialled, identified and pinged`(
            _ implementation: ForeignImplementation
        ) async throws {
            try await Stage.run { stage in
                let (peer, _) = try await stage.serve(implementation)
                let result = try await stage.command(["dial", peer.multiaddr, "--count", "5"])
                let report = try result.report(DialReport.self)
                #expect(report.ok)
                #expect(report.peer == peer.id)
                #expect(report.transport == "tcp")
                #expect(report.security.contains("noise"))
                #expect(report.muxer?.contains("yamux") == true)
                #expect(report.agent.contains("libp2p") || !report.agent.isEmpty, "\(result)")
                #expect(report.protocols.contains(Stage.kadProtocol), "\(result)")
                #expect(report.observedAddress?.hasPrefix("/ip4/127.0.0.1/tcp/") == true, "\(result)")
                #expect(report.roundTripMilliseconds.count == 5)
                #expect(report.roundTripMilliseconds.min <= report.roundTripMilliseconds.median)
                #expect(report.attempts.contains { $0.outcome == "connected" }, "\(result)")
            }
        }

        @Test(arguments: ForeignImplementation.allCases)
        func `a peer with another id than the address says is refused`(
            _ implementation: ForeignImplementation
        ) async throws {
            try await Stage.run { stage in
                let (peer, _) = try await stage.serve(implementation)
                let stranger = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq"
                let address = peer.multiaddr.replacingOccurrences(of: peer.id, with: stranger)
                let result = try await stage.command(["dial", address])
                #expect(result.exitCode == 4 || result.exitCode == 5, "\(result)")
                let failure = try result.decoded(FailureReport.self)
                #expect(!failure.ok)
                #expect(
                    failure.error.message.contains(peer.id.suffix(4)) || result.output.contains(peer.id),
                    "\(result)")
            }
        }

        @Test func `a port where nobody listens is unreachable`() async throws {
            try await Stage.run { stage in
                let (peer, process) = try await stage.serve(.p2pd)
                await process.stop()
                let result = try await stage.command(["dial", peer.multiaddr])
                #expect(result.exitCode == 4, "\(result)")
                #expect(try !result.decoded(FailureReport.self).ok, "\(result)")
                #expect(result.output.contains("/tcp/") && result.output.contains("refused"), "\(result)")
            }
        }
    }
}
