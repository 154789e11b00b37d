import Foundation
import Testing

extension InteropTests {
    /// Noise datagrams between our node and a second implementation that knows nothing but the specification.
    @Suite struct NoiseDatagramTests {
        @Test func `the second implementation makes the packets of the vectors`() async throws {
            try await Stage.run { stage in
                let vectors = Installation.root.appending(path: "Specs/vectors/datagram").path
                let peer = try stage.datagramPeer("vectors", [vectors])
                let difference = try await peer.rest(within: .seconds(30))
                #expect(peer.exitCode == 0, "\(difference.prefix(20)) \(peer.errorText)")
            }
        }

        @Test(arguments: ["handshake", "data", "paths"])
        func `the second implementation finds every rule kept by our node`(_ group: String) async throws {
            try await Stage.run { stage in
                let node = try await stage.node("asked", listen: Listening.datagrams)
                try await stage.ask(node, [group])
            }
        }

        @Test func `a private network answers its members and is silent to everybody else`() async throws {
            try await Stage.run { stage in
                let secret = String(repeating: "5a", count: 32)
                let keyFile = stage.folder.appending(path: "swarm.key")
                try Data("/key/swarm/psk/1.0.0/\n/base16/\n\(secret)\n".utf8).write(to: keyFile)
                let node = try await stage.node(
                    "private", listen: Listening.datagrams, options: ["--swarm-key", keyFile.path])
                try await stage.ask(
                    node, ["cold", "resumption", "malformed-openings"], options: ["--psk", secret])
                for stranger in [[], ["--psk", String(repeating: "5b", count: 32)]] {
                    let asker = try stage.datagramPeer(
                        "ask", stranger + ["--network", Stage.kadProtocol, node.datagramAddress, "cold"])
                    let lines = try await asker.rest(within: .seconds(30))
                    #expect(asker.exitCode == 1 && lines.count == 1, "\(lines) \(asker.errorText)")
                    #expect(lines.allSatisfy { $0.contains("no Response") }, "\(lines)")
                }
                let flood = try await stage.flood(node, ["--rate", "1000", "--seconds", "1"])
                #expect(flood.returned.isEmpty, "\(flood)")
            }
        }

        @Test func `a restarted node resets the sessions of its last life`() async throws {
            try await Stage.run { stage in
                let node = try await stage.node("reborn", listen: Listening.datagrams)
                let asker = try stage.datagramPeer(
                    "ask", ["--network", Stage.kadProtocol, node.datagramAddress, "restarted"])
                _ = try #require(try await asker.nextLine(), "\(asker.errorText)")
                await node.process.killHard()
                let address = try #require(node.datagramAddress.split(separator: "/p2p/").first)
                _ = try await stage.node("reborn", listen: [String(address)])
                try asker.send(line: "restarted")
                let lines = try await asker.rest(within: .seconds(30))
                #expect(asker.exitCode == 0, "\(lines) \(asker.errorText)")
            }
        }

        @Test func `our dial names the transport and the peer`() async throws {
            try await Stage.run { stage in
                let (peer, _) = try await stage.serveDatagrams()
                let dial = try await stage.command(["dial", peer.multiaddr, "--count", "5"])
                let report = try dial.report(DialReport.self)
                #expect(report.peer == peer.id)
                #expect(report.transport == "noise-udp", "\(dial)")
                #expect(report.roundTripMilliseconds.count == 5, "\(dial)")
            }
        }

        @Test func `our dial shows nothing to a peer with another id`() async throws {
            try await Stage.run { stage in
                let (peer, process) = try await stage.serveDatagrams()
                let stranger = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq"
                let address = peer.multiaddr.replacingOccurrences(of: peer.id, with: stranger)
                let dial = try await stage.command(["dial", address])
                #expect(dial.exitCode == 4 || dial.exitCode == 5, "\(dial)")
                let counts = try await process.datagramCounts().counts
                #expect(counts["received Initiation"] ?? 0 > 0)
                #expect(counts["received Completion"] == nil, "\(counts)")
            }
        }

        @Test func `our dial does not get into another network`() async throws {
            try await Stage.run { stage in
                let (peer, process) = try await stage.serveDatagrams(["--network", "/elsewhere/kad/1.0.0"])
                let dial = try await stage.command(["dial", peer.multiaddr])
                #expect(dial.exitCode == 4 || dial.exitCode == 5, "\(dial)")
                #expect(try await process.datagramCounts().counts["received Completion"] == nil)
            }
        }

        /// Cookies, and the loss of the first packets of every kind.
        static let troubles: [[String]] = [
            [], ["--demand-cookies"], ["--lose", "Initiation:1"], ["--lose", "sent:Response:1"],
            ["--lose", "Completion:1"], ["--lose", "sent:Data:1"],
            ["--lose", "Data:1", "--lose", "sent:Data:1"],
        ]

        @Test(arguments: troubles)
        func `what our node stores at the other implementation is found again`(
            _ trouble: [String]
        ) async throws {
            try await Stage.run { stage in
                let (peer, process) = try await stage.serveDatagrams(trouble)
                let node = try await stage.node(
                    "writer", bootstrap: [peer.multiaddr], listen: Listening.datagrams)
                for byteCount in [40, 5_000] {
                    let value = Data((0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 7) })
                    let file = stage.folder.appending(path: "value-\(byteCount)")
                    try value.write(to: file)
                    let put = try await stage.command(["put", "tide \(byteCount)", file.path], through: node)
                    #expect(try put.report(StoredReport.self).stored >= 1, "\(put)")
                    let find = try await stage.command(
                        ["find", "value", "tide \(byteCount)"], bootstrap: [peer.multiaddr])
                    #expect(
                        try find.report(FindValueReport.self).value == value.base64EncodedString(), "\(find)")
                }
                let provide = try await stage.command(["provide", "tide tables"], through: node)
                #expect(try provide.report(StoredReport.self).stored >= 1, "\(provide)")
                let found = try await stage.command(
                    ["find", "providers", "tide tables"], bootstrap: [peer.multiaddr])
                let providers = try found.report(FindProvidersReport.self).providers
                #expect(providers.map(\.id) == [node.ready.peer], "\(found)")
                let other = try await stage.command(
                    ["find", "peer", node.ready.peer], bootstrap: [peer.multiaddr])
                #expect(try other.report(FindPeerReport.self).peer.id == node.ready.peer, "\(other)")
                let kad = try await process.datagramCounts().kad
                #expect(kad[0] >= 2 && kad[1] >= 2 && kad[2] >= 1 && kad[3] >= 1 && kad[4] >= 1, "\(kad)")
            }
        }

        @Test func `of two sessions that crossed the one of the lower peer id is used`() async throws {
            try await Stage.run { stage in
                for seed in 0..<2 {
                    let (peer, process) = try await stage.serveDatagrams([
                        "--cross", "--seed", "cross-\(seed)",
                    ])
                    let node = try await stage.node(
                        "crossing-\(seed)", bootstrap: [peer.multiaddr], listen: Listening.datagrams)
                    let file = stage.folder.appending(path: "value")
                    try Data("high tide".utf8).write(to: file)
                    try await eventually(within: .seconds(10), "both sessions") {
                        let counts = try await process.datagramCounts().counts
                        return counts["own sessions"] == 1 && counts["sessions"] ?? 0 >= 1
                    }
                    let before = try await process.datagramCounts().counts
                    #expect(before["received Piece"] ?? 0 >= 1, "our node answered on the peer's session")
                    for index in 0..<3 {
                        let put = try await stage.command(
                            ["put", "crossed \(index)", file.path], through: node)
                        #expect(try put.report(StoredReport.self).stored == 1, "\(put)")
                    }
                    let after = try await process.datagramCounts().counts
                    // Ids of one length in base58 have the order of their bytes.
                    let isOurs = node.ready.peer.utf8.lexicographicallyPrecedes(peer.id.utf8)
                    let (used, unused) =
                        isOurs
                        ? ("requests on their sessions", "requests on own sessions")
                        : ("requests on own sessions", "requests on their sessions")
                    #expect((after[used] ?? 0) - (before[used] ?? 0) >= 3, "\(before) \(after)")
                    #expect(after[unused] == before[unused], "\(before) \(after)")
                }
            }
        }

        @Test func `our node goes on with a peer that lost its memory`() async throws {
            try await Stage.run { stage in
                let (peer, process) = try await stage.serveDatagrams()
                let node = try await stage.node(
                    "patient", bootstrap: [peer.multiaddr], listen: Listening.datagrams)
                let file = stage.folder.appending(path: "value")
                try Data("high tide".utf8).write(to: file)
                let first = try await stage.command(["put", "before", file.path], through: node)
                #expect(try first.report(StoredReport.self).stored == 1, "\(first)")
                await process.killHard()
                let port = try #require(peer.multiaddr.split(separator: "/").dropFirst(3).first)
                let (again, reborn) = try await stage.serveDatagrams(["--port", String(port)])
                #expect(again.multiaddr == peer.multiaddr)
                let begin = ContinuousClock.now
                let second = try await stage.command(["put", "after", file.path], through: node)
                #expect(try second.report(StoredReport.self).stored == 1, "\(second)")
                // Found out by a Reset, not by waiting: a request is given up after 500 ms, 1 s and 1 s.
                #expect(ContinuousClock.now - begin < .seconds(2))
                #expect(try await reborn.datagramCounts().counts["resets"] ?? 0 > 0)
            }
        }
    }
}
