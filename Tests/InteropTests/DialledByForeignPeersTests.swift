import Foundation
import Testing

/// What a dialling driver reports, as far as the tests read it.
private struct DriverReport: Decodable {
    struct Identify: Decodable {
        let agent: String
        let protocols: [String]
        let observed_addr: String
        let signed_peer_record: Bool
    }

    struct Ping: Decodable {
        let n: Int
    }

    struct Kad: Decodable {
        let reuse: Bool
    }

    let ok: Bool
    let identify: Identify?
    let ping: Ping?
    let kad: Kad?
}

extension InteropTests {
    /// A foreign peer connects to `meshp2p run` and sends every request there is.
    @Suite struct DialledByForeignPeersTests {
        @Test(arguments: ForeignImplementation.allCases)
        func `a foreign peer is served identify, ping and every kad request`(
            _ implementation: ForeignImplementation
        ) async throws {
            try await Stage.run { stage in
                let node = try await stage.node("served")
                let driver = try stage.driver(
                    "dial_\(implementation.rawValue).py", of: implementation,
                    [node.address, "--strict", "--kad", Stage.kadProtocol])
                let output = try await driver.rest(within: .seconds(90)).joined(separator: "\n")
                let told = "\(output)\n\(driver.errorText)\n\(node.process.errorText)"
                #expect(driver.exitCode == 0, "\(told)")
                let report = try JSONDecoder().decode(DriverReport.self, from: Data(output.utf8))
                #expect(report.ok, "\(told)")
                #expect(report.identify?.agent.hasPrefix("meshp2p/") == true, "\(told)")
                #expect(report.identify?.protocols.contains("/ipfs/ping/1.0.0") == true, "\(told)")
                #expect(report.identify?.observed_addr.hasPrefix("/ip4/127.0.0.1/tcp/") == true, "\(told)")
                #expect(report.identify?.signed_peer_record == true, "\(told)")
                #expect(report.ping?.n == 20, "\(told)")
                #expect(report.kad?.reuse == true, "several requests on one stream: \(told)")
                #expect(await node.process.stop(within: .seconds(5)), "a node stops within 5 s")
                #expect(node.process.exitCode == 0, "\(node.process.errorText)")
            }
        }
    }
}
