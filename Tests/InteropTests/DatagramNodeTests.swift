import Foundation
import Testing

extension InteropTests {
    /// Processes of ours that talk in Noise datagrams.
    @Suite struct DatagramNodeTests {
        @Test func `a node that was killed and started again is reached without waiting for a timeout`()
            async throws
        {
            try await Stage.run { stage in
                let node = try await stage.node("killed", listen: Listening.datagrams)
                // A client: the node does not remember it, and so leaves it to the caller to notice.
                let caller = try await stage.node(
                    "caller", listen: Listening.datagrams, options: ["--kad-mode", "client"])
                let address = node.datagramAddress
                let first = try await dial(address, from: caller, stage)
                #expect(first.transport == "noise-udp")
                await node.process.killHard()
                let again = try await stage.node("killed", listen: [try port(of: address)])
                #expect(again.ready.peer == node.ready.peer)
                #expect(again.datagramAddress == address)
                let before = try await status(of: caller, stage)
                #expect(before.sessions == 1)
                let second = try await dial(address, from: caller, stage)
                #expect(second.peer == node.ready.peer)
                let after = try await status(of: caller, stage)
                #expect(after.handshakes == before.handshakes + 1, "the old session is of no use")
                #expect(after.retransmissions == before.retransmissions, "a Reset came instead of silence")
            }
        }

        @Test func `every record acknowledged in datagrams before kill -9 is there after a restart`()
            async throws
        {
            try await Stage.run { stage in
                let node = try await stage.node("kept", listen: Listening.datagrams)
                let writer = try await stage.node(
                    "writer", bootstrap: [node.datagramAddress], listen: Listening.datagrams)
                var stored: [Int] = []
                for index in 0..<20 {
                    let file = stage.folder.appending(path: "value-\(index)")
                    try Data("value \(index)".utf8).write(to: file)
                    let put = try await stage.command(["put", "key \(index)", file.path], through: writer)
                    if try put.report(StoredReport.self).stored >= 1 { stored.append(index) }
                }
                #expect(stored.count == 20)
                await node.process.killHard()
                #expect(await writer.process.stop(within: .seconds(5)))

                let restarted = try await stage.node("kept", listen: Listening.datagrams)
                #expect(restarted.ready.peer == node.ready.peer)
                let reader = try await stage.node(
                    "reader", bootstrap: [restarted.datagramAddress], listen: Listening.datagrams)
                for index in stored {
                    let found = try await stage.command(["find", "value", "key \(index)"], through: reader)
                    let value = try found.report(FindValueReport.self).value
                    #expect(Data(base64Encoded: value) == Data("value \(index)".utf8))
                }
            }
        }

        @Test func `a value too long for datagrams is refused with the reason, and goes over streams`()
            async throws
        {
            try await Stage.run { stage in
                let file = stage.folder.appending(path: "long")
                let bytes = Data(repeating: 0x61, count: 10 * 1024)
                try bytes.write(to: file)
                let datagrams = try await stage.node("first", listen: Listening.datagrams)
                let lonely = try await stage.node(
                    "second", bootstrap: [datagrams.datagramAddress], listen: Listening.datagrams)
                let refused = try await stage.command(["put", "long", file.path], through: lonely)
                #expect(refused.exitCode == 5, "\(refused)")
                let failure = try refused.decoded(FailureReport.self)
                #expect(failure.error.message.contains("datagrams"))

                let both = try await stage.node("third", listen: Listening.both)
                let asker = try await stage.node(
                    "fourth", bootstrap: [both.datagramAddress], listen: Listening.both)
                let put = try await stage.command(["put", "long", file.path], through: asker)
                #expect(try put.report(StoredReport.self).stored == 1, "\(put)")
                let late = try await stage.node(
                    "fifth", bootstrap: [both.datagramAddress], listen: Listening.both)
                let found = try await stage.command(["find", "value", "long"], through: late)
                #expect(try Data(base64Encoded: found.report(FindValueReport.self).value) == bytes)
            }
        }

        @Test func `an idle node of a small network sends at most two datagrams a second`() async throws {
            try await Stage.run { stage in
                let first = try await stage.node("idle-0", listen: Listening.datagrams)
                var nodes = [first]
                for index in 1..<6 {
                    nodes.append(
                        try await stage.node(
                            "idle-\(index)", bootstrap: [first.datagramAddress], listen: Listening.datagrams))
                }
                let start = try await fullStatus(of: first, stage)
                try await eventually(within: .seconds(30), "ten seconds went by") {
                    let uptime = try await fullStatus(of: first, stage).uptimeSeconds
                    return uptime >= start.uptimeSeconds + 10
                }
                let end = try await fullStatus(of: first, stage)
                let seconds = end.uptimeSeconds - start.uptimeSeconds
                let rate = Double(end.datagrams.sent - start.datagrams.sent) / seconds
                #expect(rate <= 2, "\(rate) datagrams a second")
                #expect(end.routingTable.peers == 5)
            }
        }

        private func dial(_ address: String, from node: OurNode, _ stage: Stage) async throws -> DialReport {
            let result = try await stage.command(["dial", address, "--count", "1"], through: node)
            return try result.report(DialReport.self)
        }

        private func status(of node: OurNode, _ stage: Stage) async throws -> StatusReport.Datagrams {
            try await fullStatus(of: node, stage).datagrams
        }

        private func fullStatus(of node: OurNode, _ stage: Stage) async throws -> StatusReport {
            try await stage.command(["status"], through: node).report(StatusReport.self)
        }

        /// The address with its port and without the peer id, to listen there again.
        private func port(of address: String) throws -> String {
            String(try #require(address.range(of: "/p2p/").map { address[..<$0.lowerBound] }))
        }
    }
}
