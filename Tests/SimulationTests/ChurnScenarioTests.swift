import MeshCore
import MeshSimulator
import Testing

/// Nodes that vanish, all at once or one after the other.
@Suite struct ChurnScenarioTests {
    @Test func `half of the nodes vanish and the rest finds everything`() throws {
        var parameters = ScenarioParameters()
        parameters.nodes = 300
        parameters.lookups = 100
        parameters.records = 60
        parameters.churn = .half
        parameters.seed = 7
        var scenario = try Scenario(parameters)
        scenario.run()
        let report = scenario.report
        #expect(report.departures == 150)
        #expect(scenario.simulation.runningCount == 150)
        #expect(report.lookupSuccess >= 0.99, "seed 7")
        #expect(report.recordsRetrievable == 1, "seed 7")
        // Without losses nothing was tested: about half of the copies are gone.
        #expect(report.holdersMean ?? 0 < 16, "seed 7")
    }

    @Test func `records outlive sessions of random length`() throws {
        var parameters = ScenarioParameters()
        parameters.nodes = 60
        parameters.lookups = 40
        parameters.records = 30
        parameters.churn = .weibull(WeibullDistribution(shape: 0.59, scale: .seconds(2514)))
        parameters.hours = 3
        parameters.seed = 11
        var scenario = try Scenario(parameters)
        scenario.run()
        let report = scenario.report
        // 60 nodes with sessions of 64 minutes on average.
        #expect((100...260).contains(report.departures), "seed 11: \(report.departures)")
        #expect(scenario.simulation.runningCount == 60)
        #expect(report.recordsRetrievable ?? 0 >= 0.99, "seed 11")
        #expect(report.messagesPerNodePerHour ?? 0 > 0)
    }

    @Test func `departures come in the order of their times`() {
        var schedule = SessionSchedule(sessions: .debian, seed: 3)
        for value in 0..<100 {
            if value % 2 == 0 {
                schedule.addNew(NodeIndex(UInt32(value)), now: .zero)
            } else {
                schedule.addInEquilibrium(NodeIndex(UInt32(value)), now: .zero)
            }
        }
        #expect(schedule.count == 100)
        var last = Instant.zero
        var gone: Set<UInt32> = []
        while let next = schedule.nextDeparture {
            #expect(next >= last, "seed 3")
            last = next
            let early = schedule.popDeparture(now: Instant(nanoseconds: next.nanoseconds - 1))
            #expect(early == nil, "seed 3")
            if let node = schedule.popDeparture(now: next) { gone.insert(node.value) }
        }
        #expect(gone.count == 100)
    }
}
