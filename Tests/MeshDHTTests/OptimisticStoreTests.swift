import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// Publications that do not wait for their lookups, nor for the last of their stores.
@Suite struct OptimisticStoreTests {
    private func duration(
        _ network: SimulatedNetwork, _ number: UInt8, from node: Int
    ) -> (put: Duration, provide: Duration) {
        let put = network.putValue([1, 2], at: [7, number], from: node)
        let provide = network.provide([8, number], from: node)
        return (put?.statistics.duration ?? .seconds(99), provide?.statistics.duration ?? .seconds(99))
    }

    @Test(arguments: [UInt64(1), 2])
    func `a publication ends after 15 stores and the rest goes on`(seed: UInt64) {
        var classic = SimulatedNetwork.Settings()
        classic.configuration.optimisticProvide = false
        var total = (optimistic: Duration.zero, classic: Duration.zero)
        for settings in [SimulatedNetwork.Settings(), classic] {
            let network = SimulatedNetwork(seed: seed, settings: settings)
            network.populate(400)
            network.learnSize(3, lookups: 12)
            let isOptimistic = settings.configuration.optimisticProvide
            for number in 0..<10 {
                let key = [9, UInt8(number)]
                let end = network.putValue([1, 2], at: key, from: 3)
                guard case .stored(let acknowledged, _)? = end?.outcome else {
                    Issue.record("seed \(seed): not stored")
                    continue
                }
                #expect(acknowledged == (isOptimistic ? 15 : 20), "seed \(seed)")
                let (put, provide) = duration(network, UInt8(number), from: 3)
                if isOptimistic {
                    total.optimistic += put + provide
                } else {
                    total.classic += put + provide
                }
                network.run(for: .seconds(5))
                #expect(network.holderCount(of: key) >= 17, "seed \(seed): \(network.holderCount(of: key))")
                #expect(network.holderCount(of: [8, UInt8(number)]) >= 17, "seed \(seed)")
            }
        }
        #expect(total.optimistic < total.classic, "seed \(seed): \(total)")
    }

    @Test func `without an estimate everything happens in order`() {
        let network = SimulatedNetwork(seed: 3)
        network.populate(300)
        #expect(network.nodes[4].machine.networkSize(now: network.now) == nil)
        let end = network.putValue([1, 2], at: [1], from: 4)
        #expect(end?.outcome == .stored(acknowledged: 20, attempted: 20))
    }
}
