import Foundation
import Testing

extension InteropTests {
    /// Senders that mean harm, on real sockets.
    ///
    /// Every address of 127.0.0.0/8 is local, so thousands of sources can be feigned and what comes back to them counted.
    @Suite struct HostileDatagramTests {
        static let kinds = ["Initiation", "Resumption", "Completion", "Data"]

        @Test(arguments: [["Initiation"], ["Resumption"], kinds])
        func `a flood in the name of others is not amplified and does not stop the node`(
            _ kinds: [String]
        ) async throws {
            try await Stage.run { stage in
                let node = try await stage.node("flooded", listen: Listening.datagrams)
                try await stage.ask(node, ["cold"])
                let before = try await stage.datagramStatus(of: node)
                let flood = try await stage.flood(
                    node, ["--rate", "10000", "--seconds", "3", "--kinds", kinds.joined(separator: ",")])
                #expect(flood.sent > 5_000)
                #expect(flood.sources > 1_000)
                #expect(flood.worstRatio <= 3, "\(flood)")
                #expect(flood.strayReturns == 0, "\(flood)")
                let after = try await stage.datagramStatus(of: node)
                #expect(after.datagrams.sessions <= before.datagrams.sessions, "nobody authenticated")
                #expect(after.datagrams.handshakes == before.datagrams.handshakes, "nobody authenticated")
                #expect(after.datagrams.received - before.datagrams.received > flood.sent / 2, "\(after)")
                if kinds.contains("Data") {
                    #expect(after.datagrams.drops != before.datagrams.drops, "counted by reason: \(after)")
                }
                // 1,024 handshakes in progress of about 2 kB, remembered Responses included, and the allocator's share.
                #expect(after.memoryBytes - before.memoryBytes < 16 << 20, "\(before) \(after)")
                try await stage.ask(node, ["cold", "warm"])
            }
        }

        @Test func `newcomers get in while a flood lasts`() async throws {
            try await Stage.run { stage in
                let node = try await stage.node("besieged", listen: Listening.datagrams)
                // Thirty times what is answered without a cookie, and little enough that a debug build on a busy machine
                // reads all of it: what a full socket loses is not the node's doing.
                let flood = try stage.datagramPeer(
                    "flood", ["--rate", "3000", "--seconds", "60", "--blind", node.datagramAddress])
                try await eventually(within: .seconds(10), "the flood is on") {
                    try await stage.datagramStatus(of: node).datagrams.received > 3_000
                }
                for _ in 0..<3 { try await stage.ask(node, ["cold", "warm"]) }
                let dial = try await stage.command(["dial", node.datagramAddress, "--count", "5"])
                #expect(try dial.report(DialReport.self).peer == node.ready.peer, "\(dial)")
                #expect(flood.exitCode == nil, "it went on")
                await flood.stop()
            }
        }

        @Test func `a NAT that changes its port in the midst of requests loses none`() async throws {
            try await Stage.run { stage in
                let node = try await stage.node("behind", listen: Listening.datagrams)
                let (nat, process) = try await stage.forwardDatagrams(to: node, every: 4)
                let writer = try await stage.node(
                    "moving", bootstrap: [nat.multiaddr], listen: Listening.datagrams)
                let file = stage.folder.appending(path: "value")
                try Data("ebb".utf8).write(to: file)
                for index in 0..<12 {
                    let put = try await stage.command(["put", "ebb \(index)", file.path], through: writer)
                    #expect(try put.report(StoredReport.self).stored == 1, "\(put)")
                }
                try process.send(line: "")
                let line = try #require(try await process.nextLine())
                let counts = try JSONDecoder().decode([String: Int].self, from: Data(line.utf8))
                #expect(counts["mappings"] ?? 0 >= 5, "\(line)")
            }
        }

        @Test func `a killed peer holds no request for longer than its timeout`() async throws {
            try await Stage.run { stage in
                let (peer, process) = try await stage.serveDatagrams()
                let node = try await stage.node(
                    "left", bootstrap: [peer.multiaddr], listen: Listening.datagrams)
                let first = try await stage.command(["find", "value", "nothing"], through: node)
                #expect(first.exitCode == 3, "\(first)")
                await process.killHard()
                let begin = ContinuousClock.now
                let second = try await stage.command(["find", "value", "nothing else"], through: node)
                #expect(second.exitCode != 0, "\(second)")
                // A request is given up after 500 ms, 1 s and 1 s; the handshake that may follow takes 2.5 s.
                #expect(ContinuousClock.now - begin < .seconds(8), "\(second)")
            }
        }
    }
}
