import Foundation
import Testing

/// A driver that runs several p2pd nodes and takes commands for each.
private struct DaemonNetwork {
    struct Members: Decodable {
        let ids: [String]
        let multiaddrs: [String]
    }

    struct Answer: Decodable {
        let ok: Bool
        let addrs: [String]?
        let ids: [String]?
        let error: String?
    }

    let members: Members
    private let driver: ChildProcess

    init(_ stage: Stage, count: Int, entries: [String]) async throws {
        driver = try stage.driver("network_p2pd.py", of: .p2pd, ["\(count)"] + entries)
        let line = try #require(try await driver.nextLine(within: .seconds(90)), "\(driver.errorText)")
        members = try JSONDecoder().decode(Members.self, from: Data(line.utf8))
    }

    func ask(_ command: String, node: Int, _ field: String, _ value: String) async throws -> Answer {
        try driver.send(line: #"{"do": "\#(command)", "node": \#(node), "\#(field)": "\#(value)"}"#)
        let line = try #require(try await driver.nextLine(within: .seconds(60)), "\(driver.errorText)")
        return try JSONDecoder().decode(Answer.self, from: Data(line.utf8))
    }
}

extension InteropTests {
    /// Ten nodes of ours and ten of go-libp2p under one kad protocol.
    @Suite struct MixedNetworkTests {
        private static let each = 10

        @Test func `any node finds any other and any provided key`() async throws {
            try await Stage.run { stage in
                let first = try await stage.node("ours-0")
                var ours = [first]
                for index in 1..<Self.each {
                    // Each enters through another one: nobody knows all.
                    ours.append(try await stage.node("ours-\(index)", bootstrap: [ours[index / 2].address]))
                }
                let daemons = try await DaemonNetwork(stage, count: Self.each, entries: ours.map(\.address))
                for (index, node) in ours.enumerated() {
                    let provide = try await stage.command(["provide", "ours \(index)"], through: node)
                    #expect(try provide.report(StoredReport.self).stored >= 1, "\(provide)")
                }
                for index in 0..<Self.each {
                    let answer = try await daemons.ask("provide", node: index, "text", "daemon \(index)")
                    #expect(answer.ok, "\(answer)")
                }
                try await eventually(within: .seconds(20), "the last provided key is stored") {
                    let last = try await daemons.ask("providers", node: 0, "text", "daemon \(Self.each - 1)")
                    return last.ids?.isEmpty == false
                }
                try await findPeers(stage, ours, daemons)
                try await findProviders(stage, ours, daemons)
            }
        }

        @Test func `nodes on UDP only, on TCP only and on both find everything, with go-libp2p among them`()
            async throws
        {
            try await Stage.run { stage in
                let first = try await stage.node("ours-0", listen: Listening.both)
                var ours = [first]
                for listen in [
                    Listening.streams, Listening.datagrams, Listening.both, Listening.streams,
                    Listening.datagrams, Listening.both,
                ] {
                    ours.append(
                        try await stage.node(
                            "ours-\(ours.count)", bootstrap: [first.address], listen: listen))
                }
                let streaming = ours.filter { $0.ready.addresses.contains { $0.contains("/tcp/") } }
                let daemons = try await DaemonNetwork(stage, count: 3, entries: streaming.map(\.address))
                for (index, node) in ours.enumerated() {
                    let provide = try await stage.command(["provide", "ours \(index)"], through: node)
                    #expect(try provide.report(StoredReport.self).stored >= 1, "\(provide)")
                }
                for index in daemons.members.ids.indices {
                    let answer = try await daemons.ask("provide", node: index, "text", "daemon \(index)")
                    #expect(answer.ok, "\(answer)")
                }
                try await eventually(within: .seconds(20), "the last provided key is stored") {
                    let last = try await daemons.ask("providers", node: 0, "text", "daemon 2")
                    return last.ids?.isEmpty == false
                }
                try await findPeers(stage, ours, daemons, daemonsFind: streaming)
                try await findProviders(stage, ours, daemons)
            }
        }

        /// Every node finds every other; the daemons those of ours that they can reach.
        private func findPeers(
            _ stage: Stage, _ ours: [OurNode], _ daemons: DaemonNetwork, daemonsFind: [OurNode]? = nil
        ) async throws {
            let ids = ours.map(\.ready.peer) + daemons.members.ids
            var failures: [String] = []
            for (index, node) in ours.enumerated() {
                for id in ids where id != node.ready.peer {
                    let result = try await stage.command(["find", "peer", id], through: node)
                    if result.exitCode != 0 { failures.append("ours \(index) -> \(id): \(result)") }
                }
            }
            let reachable = (daemonsFind ?? ours).map(\.ready.peer) + daemons.members.ids
            for (index, own) in daemons.members.ids.enumerated() {
                for id in reachable where id != own {
                    let answer = try await daemons.ask("find", node: index, "peer", id)
                    if answer.addrs?.isEmpty != false {
                        failures.append("daemon \(index) -> \(id): \(answer)")
                    }
                }
            }
            #expect(failures == [])
        }

        private func findProviders(_ stage: Stage, _ ours: [OurNode], _ daemons: DaemonNetwork) async throws {
            let provided =
                ours.enumerated().map { ("ours \($0.offset)", $0.element.ready.peer) }
                + daemons.members.ids.enumerated().map { ("daemon \($0.offset)", $0.element) }
            var failures: [String] = []
            for (text, provider) in provided {
                for (index, node) in ours.enumerated() {
                    let result = try await stage.command(["find", "providers", text], through: node)
                    let found = try? result.report(FindProvidersReport.self).providers.map(\.id)
                    if found?.contains(provider) != true {
                        failures.append("ours \(index) -> \(text): \(result)")
                    }
                }
                for index in daemons.members.ids.indices {
                    // ADD_PROVIDER has no answer: go-libp2p's own provide returns before the others have stored it.
                    let answer = try await daemons.ask("providers", node: index, "text", text)
                    if answer.ids?.contains(provider) != true {
                        failures.append("daemon \(index) -> \(text): \(answer)")
                    }
                }
            }
            #expect(failures == [])
        }
    }
}
