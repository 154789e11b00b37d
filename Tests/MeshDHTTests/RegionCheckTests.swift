import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// Identities that somebody puts around a key to hide it.
@Suite struct RegionCheckTests {
    private func network(_ seed: UInt64, checks: Bool = true) -> SimulatedNetwork {
        var settings = SimulatedNetwork.Settings()
        settings.configuration.regionCheck = checks
        settings.configuration.optimisticProvide = checks
        let network = SimulatedNetwork(seed: seed, settings: settings)
        network.populate(400)
        return network
    }

    @Test(arguments: [UInt64(1), 2])
    func `60 identities around a key do not hide what was stored before they came`(seed: UInt64) {
        let network = network(seed)
        let key = Array("hidden \(seed)".utf8)
        _ = network.putValue([1, 2], at: key, from: 7)
        _ = network.provide(key, from: 9)
        network.run(for: .seconds(5))
        network.surround(key, count: 60)
        for node in [20, 120, 220, 320] {
            network.learnSize(node)
            #expect(network.getValue(at: key, from: node)?.value == [1, 2], "seed \(seed), node \(node)")
            let providers = network.findProviders(key, limit: 1, from: node)
            #expect(providers.map(\.id) == [network.id(9)], "seed \(seed), node \(node)")
        }
    }

    @Test(arguments: [UInt64(3), 4], [true, false])
    func `60 identities around a key do not keep it from being stored`(seed: UInt64, acknowledges: Bool) {
        let network = network(seed)
        let key = Array("refused \(seed)".utf8)
        network.surround(key, count: 60, acknowledges: acknowledges)
        network.learnSize(7)
        _ = network.putValue([1, 2], at: key, from: 7)
        network.run(for: .seconds(20))
        #expect(network.holderCount(of: key) >= 12, "seed \(seed): \(network.holderCount(of: key))")
        #expect(network.nodes[7].machine.refusals.denseRegions == 1)
        for node in [20, 120, 220, 320] {
            network.learnSize(node)
            #expect(network.getValue(at: key, from: node)?.value == [1, 2], "seed \(seed), node \(node)")
        }
    }

    @Test func `without the check the same attack hides the key`() {
        let network = network(3, checks: false)
        let key = Array("refused 3".utf8)
        network.surround(key, count: 60)
        network.learnSize(7)
        _ = network.putValue([1, 2], at: key, from: 7)
        network.run(for: .seconds(20))
        #expect(network.holderCount(of: key) <= 3)
    }

    @Test func `an honest network is not suspected`() {
        let network = network(5)
        network.learnSize(7, lookups: 12)
        var requests = 0
        for number in 0..<60 {
            let end = network.putValue([1, 2], at: [5, UInt8(number)], from: 7)
            requests += end?.statistics.requests ?? 0
        }
        #expect(network.nodes[7].machine.refusals.denseRegions <= 1)
        #expect(requests < 60 * 60, "\(requests)")
    }
}
