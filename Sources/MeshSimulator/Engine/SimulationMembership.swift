import MeshCore
import MeshDHT
import MeshMultiformats

/// Who takes part: joining, leaving, coming back, being cut off.
extension Simulation {
    /// Adds a node that knows nobody and runs, with a random identity and address unless they are given.
    @discardableResult
    public mutating func add(
        mode: Kademlia.Mode = .server, id: PeerID? = nil, address: Multiaddr? = nil, isBehindNAT: Bool = false
    ) -> NodeIndex {
        let id = id ?? SyntheticPeers.id(using: &random.identities)
        let drawn = SyntheticPeers.address(
            groupCount: parameters.network.addressGroupCount, using: &random.identities)
        let peer = KadPeer(id: id, addresses: [address ?? drawn].compactMap { $0 })
        let index = UInt32(nodes.count)
        var site = NodeSite(place: parameters.network.latency.place(using: &random.places))
        site.isBehindNAT = isBehindNAT
        site.isServer = mode == .server
        site.started = clock
        nodes.append(SimulatedNode(machine: makeMachine(peer, mode)))
        sites.append(site)
        peers.append(peer)
        sessions.appendNode()
        directory.insert(index, key: peer.kadKey)
        runningCount += 1
        memberIndex.isStale = true
        return NodeIndex(index)
    }

    /// Adds a node and lets it reach `bootstrap`, or a random running member if that is empty.
    @discardableResult
    public mutating func join(
        through bootstrap: [NodeIndex] = [], mode: Kademlia.Mode = .server, id: PeerID? = nil,
        address: Multiaddr? = nil, isBehindNAT: Bool = false
    ) -> NodeIndex {
        let node = add(mode: mode, id: id, address: address, isBehindNAT: isBehindNAT)
        if !bootstrap.isEmpty { bootstrapPeers[node.value] = bootstrap }
        contactBootstrapPeer(Int(node.value), started: clock)
        return node
    }

    /// Lets random nodes join, each through a random member, until there are `count`, and runs meanwhile.
    ///
    /// The network doubles in `doublingTime`, but the next node never waits for more than `longestInterval`. The last
    /// joins are still under way when this returns.
    public mutating func grow(
        to count: Int, doublingTime: Duration = .seconds(30), longestInterval: Duration = .milliseconds(500)
    ) {
        let doubling = Double(Ticks.of(doublingTime))
        let longest = Double(Ticks.of(longestInterval))
        var next = Double(clock)
        while nodes.count < count {
            run(until: Ticks.instant(UInt64(next)))
            join()
            // n' = n ln 2 / T doubles in T.
            next += min(doubling / (0.693_147 * Double(nodes.count)), longest)
        }
    }

    /// Stops a node: it answers nothing, and its queries end as cancelled.
    public mutating func stop(_ node: NodeIndex) {
        let index = Int(node.value)
        guard sites[index].isRunning else { return }
        sites[index].isRunning = false
        nodes[index].scheduledDeadline = .max
        for query in nodes[index].queries {
            log.finish(query.place, .failed(.cancelled), QueryStatistics(), now: now)
        }
        nodes[index].queries = []
        runningCount -= 1
        memberIndex.isStale = true
    }

    /// Starts a stopped node with what its driver has on disk: peers of the table, records and providers.
    ///
    /// With `keepsDisk` false it starts with its identity only.
    public mutating func restart(_ node: NodeIndex, keepsDisk: Bool = true) {
        let index = Int(node.value)
        guard !sites[index].isRunning else { return }
        let old = nodes[index].machine
        var machine = makeMachine(peers[index], old.mode)
        if keepsDisk {
            machine.restore(
                peers: old.table.peers.map { ($0.id, $0.addresses) }, records: old.records.records,
                providers: old.providers.records)
        }
        nodes[index].machine = machine
        sites[index].isRunning = true
        sites[index].started = clock
        sessions.removeAll(index)
        runningCount += 1
        memberIndex.isStale = true
        if machine.nextDeadline == nil { contactBootstrapPeer(index, started: clock) }
        carryOut(of: index)
    }

    /// Frees the memory of a stopped node that does not come back.
    public mutating func forget(_ node: NodeIndex) {
        let index = Int(node.value)
        guard !sites[index].isRunning else { return }
        nodes[index].machine = makeMachine(peers[index], .client)
    }

    /// Switches a node between client and server.
    public mutating func setMode(_ mode: Kademlia.Mode, of node: NodeIndex) {
        nodes[Int(node.value)].machine.setMode(mode)
        sites[Int(node.value)].isServer = mode == .server
        memberIndex.isStale = true
    }

    /// Puts a node on one side of a partition.
    ///
    /// Packets pass between nodes of one side only; all start on side 0.
    public mutating func setSide(_ side: UInt16, of node: NodeIndex) {
        sites[Int(node.value)].side = side
    }

    /// Ends all partitions.
    public mutating func heal() {
        for index in sites.indices { sites[index].side = 0 }
    }

    /// Sets the peers that a node contacts when it knows nobody; with none, random members.
    public mutating func setBootstrapPeers(_ peers: [NodeIndex], of node: NodeIndex) {
        bootstrapPeers[node.value] = peers.isEmpty ? nil : peers
    }

    // MARK: Bootstrap

    /// A handshake with every bootstrap peer of the node's own, or with one random member; both sides hear of each
    /// other, and when nobody answers there is another try.
    mutating func contactBootstrapPeer(_ node: Int, started: UInt64) {
        guard sites[node].isRunning, sites[node].started == started, runningCount > 1 else { return }
        var isReached = false
        for peer in contacts(of: node) {
            let way = parameters.network.latency.oneWay(
                sites[node].place, sites[peer].place, using: &random.network)
            guard isOpen(from: node, to: peer) else { continue }
            counters.handshakes += 1
            sessions.note(node, UInt32(peer), now: clock)
            sessions.note(peer, UInt32(node), now: clock)
            plan(.established(node: UInt32(node), peer: UInt32(peer)), at: clock + 2 * way)
            plan(.established(node: UInt32(peer), peer: UInt32(node)), at: clock + 3 * way)
            isReached = true
        }
        guard !isReached else { return }
        let retry = max(Ticks.of(parameters.network.bootstrapRetry), 1)
        plan(.contact(node: UInt32(node), started: started), at: clock + retry)
    }

    /// Whom `node` tries now, in order.
    private mutating func contacts(of node: Int) -> [Int] {
        if let own = bootstrapPeers[UInt32(node)] {
            return own.map { Int($0.value) }.shuffled(using: &random.membership)
        }
        for _ in 0..<64 {
            let peer = Int(random.membership.next(upperBound: UInt64(nodes.count)))
            if peer != node, sites[peer].isRunning, sites[peer].isServer { return [peer] }
        }
        return []
    }

    private func makeMachine(_ peer: KadPeer, _ mode: Kademlia.Mode) -> Kademlia {
        var machine = Kademlia(localPeer: peer.id, setup: setup)
        machine.setMode(mode)
        machine.setLocalAddresses(peer.addresses)
        return machine
    }
}
