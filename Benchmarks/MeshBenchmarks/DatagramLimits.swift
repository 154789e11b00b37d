import MeshConnection

extension DatagramConfiguration {
    /// The defaults without the rates: all peers of a benchmark share one address and are meant to be fast.
    static var unlimited: DatagramConfiguration {
        var configuration = DatagramConfiguration.unlimitedRequests
        configuration.unvalidatedHandshakes = never
        configuration.validatedHandshakes = never
        configuration.handshakesPerPrefix = never
        return configuration
    }

    /// The defaults without the rates of requests: handshakes are admitted as ever, so that a flood can be measured.
    static var unlimitedRequests: DatagramConfiguration {
        var configuration = DatagramConfiguration()
        configuration.requestsPerSession = never
        configuration.maximumInFlightPerPeer = 1024
        configuration.maximumWaitingPerPeer = 1024
        return configuration
    }

    private static let never = Rate(perSecond: 10_000_000, burst: 10_000_000)
}
