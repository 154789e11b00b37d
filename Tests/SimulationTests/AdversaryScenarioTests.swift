import MeshSimulator
import Testing

/// Small networks with hostile nodes; the figures at full size are in `Benchmarks/results`.
@Suite struct AdversaryScenarioTests {
    private func report(
        _ adversary: AdversaryModel, _ change: (inout ScenarioParameters) -> Void = { _ in }
    ) throws -> ScenarioReport {
        var parameters = ScenarioParameters()
        parameters.nodes = 300
        parameters.lookups = 100
        parameters.records = 50
        parameters.seed = 23
        parameters.adversary = adversary
        change(&parameters)
        var scenario = try Scenario(parameters)
        scenario.run()
        return scenario.report
    }

    @Test func `four paths get past one colluder in five`() throws {
        let report = try report(.colluding(share: 0.2)) { $0.paths = 4 }
        #expect(report.lookupSuccess >= 0.99, "seed \(report.seed)")
        // The hostile ones did come to hold, and deny, their share of the copies.
        #expect(report.holdersMean ?? 0 < 19, "seed \(report.seed)")
    }

    @Test func `eight paths get past every second node colluding`() throws {
        let report = try report(.colluding(share: 0.5)) { $0.paths = 8 }
        #expect(report.lookupSuccess >= 0.98, "seed \(report.seed)")
    }

    @Test func `silent nodes do not hide records`() throws {
        let report = try report(.silent(share: 0.3))
        #expect(report.lookupSuccess >= 0.99, "seed \(report.seed)")
    }

    @Test func `sixty sybils around one key do not hide it`() throws {
        let report = try report(.sybil(count: 60)) {
            $0.records = 1
            $0.lookups = 30
        }
        #expect(report.lookupSuccess == 1, "seed \(report.seed)")
    }

    @Test func `a fresh node survives a hostile bootstrap peer when it knows an honest one`() throws {
        let report = try report(.eclipse(share: 0.2)) { $0.lookups = 50 }
        #expect(report.lookupSuccess >= 0.98, "seed \(report.seed)")
    }

    @Test func `old values that are pushed and served do not replace new ones`() throws {
        let report = try report(.replay(share: 0.2)) { $0.quorum = 0 }
        #expect(report.staleAnswers == 0, "seed \(report.seed)")
        #expect(report.lookupSuccess >= 0.99, "seed \(report.seed)")
    }
}
