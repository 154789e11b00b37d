import MeshCore
import MeshCrypto
import MeshDHT
import MeshMultiformats
import NIOCore
import NIOPosix

/// A network of datagram nodes on a few event loops, seen from outside by number.
struct LookupNetwork: Sendable {
    /// All nodes by number.
    private(set) var places: [RPCEnd.Place] = []
    private let hosts: [DatagramHost]

    init(group: MultiThreadedEventLoopGroup, loops: Int) {
        hosts = (0..<loops).map { _ in DatagramHost(loop: group.next()) }
    }

    var count: Int { places.count }

    private func host(_ node: Int) -> DatagramHost { hosts[node % hosts.count] }

    private func index(_ node: Int) -> Int { node / hosts.count }

    /// Starts a node with the next number.
    mutating func open(_ identity: IdentityKey, _ kademlia: KademliaConfiguration) async throws {
        places.append(try await host(count).open(identity, kademlia))
    }

    func stop() async {
        for host in hosts { await host.stop() }
    }

    /// Lets node `number` join through others.
    func join(_ number: Int, through others: [Int]) async {
        await host(number).meet(index(number), others.map { places[$0] })
        _ = await run(number, .join)
    }

    /// Has node `number` do something.
    func run(_ number: Int, _ task: DatagramHost.Task) async -> DatagramHost.Ending {
        await host(number).run(index(number), task)
    }

    /// Waits until no node has anything to do.
    func settle() async throws {
        for host in hosts {
            // The answers that are on their way belong to what was measured.
            while await !host.isQuiet { try await Task.sleep(for: .milliseconds(1)) }
        }
    }

    /// Makes a session between every two nodes.
    func meetEachOther() async throws {
        for first in 0..<count {
            for second in 0..<first { await host(first).touch(index(first), places[second]) }
        }
        try await settle()
    }

    var totals: DatagramHost.Totals {
        get async {
            var sum = DatagramHost.Totals()
            for host in hosts {
                let part = await host.totals
                sum.sent += part.sent
                sum.handshakes += part.handshakes
                sum.sessions += part.sessions
                sum.tablePeers += part.tablePeers
            }
            return sum
        }
    }

    /// The nodes that hold a value, or a provider, of the key.
    func holders(of key: [UInt8], isProvided: Bool) async -> Set<Int> {
        var found: Set<Int> = []
        for (number, host) in hosts.enumerated() {
            let held =
                isProvided
                ? await host.holders(ofProvider: key) : await host.holders(ofValue: key)
            found.formUnion(held.map { $0 * hosts.count + number })
        }
        return found
    }

    /// The numbers of the `count` nodes closest to the key, without `excluded`.
    func closest(to key: [UInt8], count: Int, without excluded: Int) -> [Int] {
        let target = SHA256.hash(key)
        return Array(
            places.indices.filter { $0 != excluded }
                .sorted { places[$0].peer.kadKey ^ target < places[$1].peer.kadKey ^ target }
                .prefix(count))
    }

    /// Whether the table of node `number` has node `other`.
    func knows(_ number: Int, _ other: Int) async -> Bool {
        await host(number).knows(index(number), places[other].peer)
    }
}
