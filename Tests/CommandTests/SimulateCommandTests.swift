import Foundation
import Testing

/// `meshp2p bench simulate` from outside.
@Suite struct SimulateCommandTests {
    @Test(
        arguments: [
            (["--nodes", "1"], "nodes is 2 to 2000000"), (["--nodes", "2000001"], "nodes is 2 to 2000000"),
            (["--lookups", "0"], "lookups is 1 to 10000000"), (["--paths", "17"], "paths is 1 to 16"),
            (["--k", "65"], "k is 1 to 64"), (["--loss", "0.9"], "loss is 0.0 to 0.5"),
            (["--hours", "400"], "hours is 0.0 to 336.0"), (["--churn", "weibull:9"], "weibull:K,LAMBDA"),
            (["--churn", "weibull", "--hours", "0"], "hours is above 0"),
            (["--adversary", "colluding:1"], "0.01 to 0.9"),
            (["--latency", "moon"], "king, planetlab, local"),
            (["--churn", "half", "--adversary", "silent:0.1"], "one at a time"),
        ] as [([String], String)])
    func `impossible parameters are refused with the range that is accepted`(
        arguments: [String], accepted: String
    ) throws {
        let outcome = try CommandProcess.run(["bench", "simulate"] + arguments)
        #expect(outcome.status == 2, "\(outcome)")
        #expect(outcome.errors.contains(accepted), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
    }

    @Test func `two processes simulate the same network, message by message`() throws {
        let arguments = [
            "bench", "simulate", "--nodes", "60", "--lookups", "20", "--records", "10", "--churn", "half",
            "--seed", "5", "--json",
        ]
        let first = try object(CommandProcess.run(arguments))
        let second = try object(CommandProcess.run(arguments))
        #expect(first["digest"] as? String == second["digest"] as? String)
        #expect((first["digest"] as? String)?.count == 16)
        #expect(first["recordsRetrievable"] as? Double == 1)
        for key in [
            "messagesPerSecond", "lookupsPerSecond", "peakMemoryBytes", "bytesPerNode", "lookupSuccess",
            "hopsMean",
            "messagesPerLookup", "overlapTrueClosest", "digest", "nodes", "seed", "lookups", "churn",
            "adversary",
            "paths", "loss",
        ] {
            #expect(first[key] != nil, "\(key)")
        }
    }

    @Test func `people see a table, and progress on the other stream`() throws {
        let outcome = try CommandProcess.run(["bench", "simulate", "--nodes", "30", "--lookups", "5"])
        #expect(outcome.status == 0)
        #expect(outcome.output.hasPrefix("a simulated DHT of 30 nodes\n"), "\(outcome.output)")
        #expect(outcome.output.contains("digest"))
        #expect(outcome.errors.contains("30 of 30 nodes joined"))
    }

    private func object(_ outcome: CommandProcess.Outcome) throws -> [String: Any] {
        #expect(outcome.status == 0, "\(outcome)")
        let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        return try #require(json as? [String: Any])
    }
}
