import Testing

extension InteropTests {
    /// Peers that connect and do not go on.
    @Suite struct HostilePeerTests {
        @Test func `a thousand half-open handshakes leave other peers served`() async throws {
            try await Stage.run { stage in
                let node = try await stage.node("beset")
                let crowd = try stage.driver("half_open.py", of: .p2pd, [node.address, "1000", "20"])
                let line = try #require(try await crowd.nextLine(within: .seconds(60)), "\(crowd.errorText)")
                #expect(line.contains("open"))
                // Young handshakes keep their places for a second: a peer that comes in the midst of the rush tries again.
                try await eventually(within: .seconds(5), "a place for a peer that does shake hands") {
                    try await stage.command(["dial", node.address, "--count", "1"]).exitCode == 0
                }
                for _ in 0..<3 {
                    let dial = try await stage.command(["dial", node.address, "--count", "3"])
                    #expect(try dial.report(DialReport.self).peer == node.ready.peer)
                }
                let driver = try stage.driver("dial_p2pd.py", of: .p2pd, [node.address, "--strict"])
                let output = try await driver.rest(within: .seconds(90))
                #expect(driver.exitCode == 0, "\(output) \(driver.errorText) \(node.process.errorText)")
            }
        }
    }
}
