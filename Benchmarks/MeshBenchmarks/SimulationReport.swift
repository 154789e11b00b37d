import MeshSimulator

/// What `bench simulate` prints: the simulated network, equal in every run, and the cost to this machine.
public struct SimulationReport: Encodable, Sendable {
    /// The simulated network.
    public var scenario: ScenarioReport
    /// The cost.
    public var cost: SimulationCost

    /// Writes the keys of both into one object.
    public func encode(to encoder: any Encoder) throws {
        try scenario.encode(to: encoder)
        try cost.encode(to: encoder)
    }
}

/// What a simulation took of the machine.
public struct SimulationCost: Codable, Sendable {
    /// One phase of the scenario.
    public struct Phase: Codable, Sendable {
        /// `build`, `store`, `trouble` or `measure`.
        public var name: String
        /// Processor time.
        public var cpuSeconds: Double
        /// Messages that were delivered.
        public var messages: UInt64
    }

    /// Always `simulate`.
    public var benchmark = "simulate"
    /// Messages delivered in a second of processor time, over the whole run.
    public var messagesPerSecond = 0.0
    /// Lookups and gets in a second of processor time, while they were measured.
    public var lookupsPerSecond = 0.0
    /// The most memory that the process had.
    public var peakMemoryBytes = 0
    /// Memory by which the process grew while the network joined, by node.
    public var bytesPerNode = 0
    /// The load of the machine when it began.
    public var loadAverage = 0.0
    /// The phases.
    public var phases: [Phase]
}
