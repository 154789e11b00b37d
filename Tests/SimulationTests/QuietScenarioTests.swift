import MeshSimulator
import Testing

/// Scenarios without trouble: what lookups find, and that nothing depends on the process.
@Suite struct QuietScenarioTests {
    private func report(_ change: (inout ScenarioParameters) -> Void) throws -> ScenarioReport {
        var parameters = ScenarioParameters()
        parameters.nodes = 300
        parameters.lookups = 100
        parameters.seed = 42
        change(&parameters)
        var scenario = try Scenario(parameters)
        scenario.run()
        return scenario.report
    }

    @Test func `lookups find the true closest nodes`() throws {
        // In the wider model a few nodes are more than a second away, and lookups pass them over.
        let report = try report {
            $0.records = 20
            $0.latency = .planetLab
        }
        #expect(report.overlapTrueClosest ?? 0 >= 0.99, "seed \(report.seed)")
        #expect(report.lookupSuccess >= 0.99, "seed \(report.seed)")
        #expect(report.recordsRetrievable == 1, "seed \(report.seed)")
        #expect(report.put?.success == 1, "seed \(report.seed)")
        // The publisher holds its record too.
        #expect(report.holdersMean ?? 0 >= 15, "seed \(report.seed)")
        #expect(report.hopsMean >= 1 && report.hopsMean <= report.hopsTheory + 2, "seed \(report.seed)")
    }

    @Test func `a lossy network finds what a quiet one does`() throws {
        let report = try report {
            $0.loss = 0.05
            $0.duplication = 0.05
            $0.records = 20
        }
        // A peer whose packet was lost is slow, and not named; records have other holders.
        #expect(report.overlapTrueClosest ?? 0 >= 0.85, "seed \(report.seed)")
        #expect(report.recordsRetrievable == 1, "seed \(report.seed)")
    }

    @Test func `a small k is enough for a small network`() throws {
        let report = try report {
            $0.nodes = 40
            $0.replication = 8
            $0.paths = 2
            $0.records = 10
        }
        #expect(report.replication == 8)
        #expect(report.overlapTrueClosest ?? 0 >= 0.95, "seed \(report.seed)")
        #expect(report.recordsRetrievable == 1, "seed \(report.seed)")
    }

    @Test func `two nodes find each other`() throws {
        let report = try report {
            $0.nodes = 2
            $0.lookups = 4
            $0.records = 1
        }
        #expect(report.lookupSuccess == 1, "seed \(report.seed)")
        #expect(report.recordsRetrievable == 1, "seed \(report.seed)")
    }

    @Test func `the same seed gives the same report, another one another digest`() throws {
        let change: (inout ScenarioParameters) -> Void = {
            $0.nodes = 60
            $0.lookups = 20
            $0.records = 5
        }
        let first = try report(change)
        #expect(try report(change) == first)
        let other = try report {
            change(&$0)
            $0.seed = 43
        }
        #expect(other.digest != first.digest)
        #expect(first.digest.count == 16)
    }
}
