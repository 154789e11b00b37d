import MeshCore
import MeshDHT
import MeshMultiformats

/// What machines want done, and the way of packets to their arrival.
extension Simulation {
    /// The token of requests whose outcome no machine waits for.
    static var noToken: RequestToken { RequestToken(0) }

    /// Carries out the effects of `node` in their order, and plans its next deadline.
    mutating func carryOut(of node: Int) {
        var persisted: UInt64?
        // The last one is moved out, the others would be copied.
        if effects.list.count > 1 { effects.list.reverse() }
        while let effect = effects.list.popLast() {
            switch consume effect {
            case .request(let message, let peer, let token):
                send(message, to: peer, token: token, from: node, isAnswered: true)
            case .send(let message, let peer):
                send(message, to: peer, token: Self.noToken, from: node, isAnswered: true)
            case .respond(let message, _, let token):
                if message?.kind == .putValue, persisted != token.value {
                    counters.unpersistedAcknowledgements += 1
                }
                let (place, stamp) = (UInt32(truncatingIfNeeded: token.value), UInt32(token.value >> 32))
                respond(message, place, stamp, from: node)
            case .event(let event): note(event, of: node, &persisted)
            }
        }
        reschedule(node)
    }

    private mutating func note(_ event: KademliaEvent, of node: Int, _ persisted: inout UInt64?) {
        switch event {
        case .learnedAddresses, .queryProgress, .queryStep, .removeRecord, .removeProvider: break
        case .persistRecord(_, let token), .persistProvider(_, let token):
            if let token { persisted = token.value }
        case .queryFinished(let id, let outcome, let statistics):
            guard let index = nodes[node].queries.firstIndex(where: { $0.id == id }) else { return }
            let place = nodes[node].queries.remove(at: index).place
            log.finish(place, outcome, statistics, now: now)
        case .routingTableChanged(let added, let removed):
            counters.tableInsertions += UInt64(added.count)
            counters.tableRemovals += UInt64(removed.count)
        case .bootstrapNeeded:
            counters.bootstrapRequests += 1
            plan(.contact(node: UInt32(node), started: sites[node].started), at: clock)
        }
    }

    /// Plans the deadline that the machine of `node` wants; a later one than is planned is looked at then.
    private mutating func reschedule(_ node: Int) {
        guard let deadline = nodes[node].nextDeadline() else { return }
        let time = max(Ticks.notBefore(deadline), clock)
        guard time < nodes[node].scheduledDeadline else { return }
        nodes[node].scheduledDeadline = time
        queue.schedule(SimulatedEvent(.deadline, UInt32(node)).packed, at: time)
    }

    mutating func plan(_ action: SimulatedAction, at time: UInt64) {
        queue.schedule(SimulatedEvent(.action, actions.insert(action)).packed, at: time)
    }

    // MARK: Requests

    mutating func send(
        _ message: KadMessage, to peer: PeerID, token: RequestToken, from node: Int, isAnswered: Bool
    ) {
        counters.requests += 1
        let target = nodeIndex(of: peer) ?? Exchange.nobody
        var exchange = Exchange(
            token: token, begun: clock, word: message.placeWord, requester: UInt32(node), target: target)
        exchange.isAnswered = isAnswered
        sendAttempt(exchanges.insert(exchange, Cargo(request: message, peer: peer)))
    }

    /// Sends the request of an exchange, for the first time or again.
    mutating func sendAttempt(_ place: UInt32) {
        let index = Int(place)
        let stamp = exchanges.places[index].stamp
        let target = exchanges.places[index].target
        let requester = Int(exchanges.places[index].requester)
        exchanges.places[index].hasTimer = false
        let timeout = timeouts[Int(exchanges.places[index].attempt)]
        counters.sent += 1
        sites[requester].sent &+= 1
        guard target != Exchange.nobody else {
            counters.blocked += 1
            exchanges.places[index].deadline = clock + timeout
            return giveUpWaiting(place)
        }
        let other = sites[Int(target)]
        let isCold = !sessions.isWarm(requester, target, partnerStarted: other.started, now: clock)
        exchanges.places[index].isCold = isCold
        exchanges.places[index].deadline = clock + timeout + (isCold ? handshakeTimeout : 0)
        let way = parameters.network.latency.oneWay(
            sites[requester].place, other.place, using: &random.network)
        // A handshake is one more round trip, and two more packets that may be lost.
        let arrival = clock + (isCold ? 3 * way : way)
        guard !isLost(packets: isCold ? 3 : 1) else {
            counters.lost += 1
            return giveUpWaiting(place)
        }
        transmit(.request, place, stamp, at: arrival)
        if arrival >= exchanges.places[index].deadline { giveUpWaiting(place) }
    }

    /// Lets the present attempt of an exchange end at its deadline, since no answer can come before.
    ///
    /// A driver sets this timer when it sends; here only those are set that will fire.
    mutating func giveUpWaiting(_ place: UInt32) {
        let index = Int(place)
        guard exchanges.places[index].isAnswered else { return exchanges.remove(place) }
        guard !exchanges.places[index].hasTimer else { return }
        exchanges.places[index].hasTimer = true
        queue.schedule(
            SimulatedEvent(.timeout, place, stamp: exchanges.places[index].stamp).packed,
            at: exchanges.places[index].deadline)
    }

    // MARK: Answers

    private mutating func respond(_ message: KadMessage?, _ place: UInt32, _ stamp: UInt32, from node: Int) {
        guard exchanges.isCurrent(place, stamp) else { return }
        guard sites[node].behaviour != 0, let request = exchanges.request(place) else {
            return sendAnswer(message, place, stamp, from: node)
        }
        let altered = behaviours[Int(sites[node].behaviour) - 1].alter(
            message, to: request, at: NodeIndex(UInt32(node)),
            from: NodeIndex(exchanges.places[Int(place)].requester), now: now, using: &random.adversaries)
        sendAnswer(altered, place, stamp, from: node)
    }

    mutating func sendAnswer(_ answer: KadMessage?, _ place: UInt32, _ stamp: UInt32, from node: Int) {
        guard exchanges.isCurrent(place, stamp) else { return }
        let index = Int(place)
        guard exchanges.places[index].isAnswered else { return exchanges.remove(place) }
        counters.sent += 1
        sites[node].sent &+= 1
        let requester = Int(exchanges.places[index].requester)
        guard sites[node].side == sites[requester].side else {
            counters.blocked += 1
            return giveUpWaiting(place)
        }
        guard !isLost(packets: 1) else {
            counters.lost += 1
            return giveUpWaiting(place)
        }
        exchanges.setAnswer(answer, place)
        let way = parameters.network.latency.oneWay(
            sites[node].place, sites[requester].place, using: &random.network)
        transmit(.answer, place, stamp, at: clock + way)
        if clock + way >= exchanges.places[index].deadline { giveUpWaiting(place) }
    }

    // MARK: The network

    private mutating func transmit(
        _ kind: SimulatedEvent.Kind, _ place: UInt32, _ stamp: UInt32, at time: UInt64
    ) {
        queue.schedule(SimulatedEvent(kind, place, stamp: stamp).packed, at: time)
        inFlightCount += 1
        let duplication = parameters.network.duplication
        guard duplication > 0, random.network.unit() < duplication else { return }
        counters.sent += 1
        inFlightCount += 1
        // The copy takes another way.
        let delay = 1 + random.network.next(upperBound: Ticks.of(milliseconds: 50))
        queue.schedule(SimulatedEvent(kind, place, stamp: stamp).packed, at: time + delay)
    }

    private mutating func isLost(packets: Int) -> Bool {
        let loss = parameters.network.loss
        guard loss > 0 else { return false }
        for _ in 0..<packets where random.network.unit() < loss { return true }
        return false
    }

    /// Whether a packet of `node` that has come to `target` gets in.
    func isOpen(from node: Int, to target: Int) -> Bool {
        let site = sites[target]
        guard site.isRunning, site.side == sites[node].side else { return false }
        guard site.isBehindNAT else { return true }
        return sessions.isWarm(target, UInt32(node), partnerStarted: sites[node].started, now: clock)
    }
}
