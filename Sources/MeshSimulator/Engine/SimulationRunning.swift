import MeshCore
import MeshDHT
import MeshMultiformats

/// The loop: events in the order of their time.
extension Simulation {
    /// Runs for `duration` of virtual time.
    public mutating func run(for duration: Duration) {
        run(until: now + duration)
    }

    /// Runs up to the virtual time `end`, with it.
    public mutating func run(until end: Instant) {
        let end = Ticks.of(end)
        while let due = nextEvent(notAfter: end) { handle(due) }
        clock = max(clock, end)
    }

    /// Runs until no query is open and no message is on its way, at most for `limit`; whether it came to that.
    ///
    /// Nodes that refresh keep a simulation busy: `limit` decides then.
    @discardableResult
    public mutating func runUntilIdle(limit: Duration) -> Bool {
        let end = Ticks.of(now + limit)
        while log.runningCount > 0 || inFlightCount > 0 {
            guard let due = nextEvent(notAfter: end) else {
                clock = max(clock, end)
                return false
            }
            handle(due)
        }
        return true
    }

    /// Runs until no query is open, at most for `limit`; whether it came to that.
    @discardableResult
    public mutating func runUntilQueriesFinish(limit: Duration) -> Bool {
        let end = Ticks.of(now + limit)
        while log.runningCount > 0 {
            guard let due = nextEvent(notAfter: end) else {
                clock = max(clock, end)
                return false
            }
            handle(due)
        }
        return true
    }

    /// Handles the next event, unless it comes after `end`; whether there was one.
    mutating func step(until end: Instant) -> Bool {
        guard let due = nextEvent(notAfter: Ticks.of(end)) else {
            clock = max(clock, Ticks.of(end))
            return false
        }
        handle(due)
        return true
    }

    private mutating func handle(_ due: EventQueue.Due) {
        clock = due.time
        counters.events += 1
        let event = SimulatedEvent(packed: due.payload)
        switch event.kind {
        case .request: deliverRequest(event.index, event.stamp)
        case .answer: deliverAnswer(event.index, event.stamp)
        case .timeout: handleTimeout(event.index, event.stamp)
        case .deadline: handleDeadline(of: Int(event.index))
        case .action: handleAction(event.index)
        }
    }

    // MARK: Messages

    private mutating func deliverRequest(_ place: UInt32, _ stamp: UInt32) {
        inFlightCount -= 1
        guard exchanges.isCurrent(place, stamp) else {
            counters.late += 1
            return
        }
        let exchange = exchanges.places[Int(place)]
        let (requester, target) = (Int(exchange.requester), Int(exchange.target))
        guard isOpen(from: requester, to: target) else {
            counters.blocked += 1
            return giveUpWaiting(place)
        }
        counters.delivered += 1
        sites[target].received &+= 1
        mix(clock &* 8 | 1)
        mix(UInt64(target) << 32 | UInt64(place))
        if exchange.isCold {
            exchanges.places[Int(place)].isCold = false
            counters.handshakes += 1
            sessions.note(requester, UInt32(target), now: clock)
            sessions.note(target, UInt32(requester), now: clock)
            introduce(requester, to: target)
        }
        guard let message = exchanges.request(place) else { return }
        answer(onWire(message), place, stamp, requester: requester, target: target)
    }

    /// Lets the machine of `target`, or its behaviour, answer.
    private mutating func answer(
        _ message: KadMessage, _ place: UInt32, _ stamp: UInt32, requester: Int, target: Int
    ) {
        if sites[target].behaviour != 0 {
            let behaviour = Int(sites[target].behaviour) - 1
            let reaction = behaviours[behaviour].receive(
                message, at: NodeIndex(UInt32(target)), from: NodeIndex(UInt32(requester)), now: now,
                using: &random.adversaries)
            switch reaction {
            case .honest: break
            case .silent: return giveUpWaiting(place)
            case .refuse: return sendAnswer(nil, place, stamp, from: target)
            case .answer(let answer): return sendAnswer(answer, place, stamp, from: target)
            }
        }
        let token = RequestToken(UInt64(stamp) << 32 | UInt64(place))
        nodes[target].machine.handle(
            .request(message, from: peers[requester].id, token: token), now: now, using: &random.machines,
            into: &effects)
        carryOut(of: target)
    }

    private mutating func deliverAnswer(_ place: UInt32, _ stamp: UInt32) {
        inFlightCount -= 1
        guard exchanges.isCurrent(place, stamp) else {
            counters.late += 1
            return
        }
        let exchange = exchanges.places[Int(place)]
        let requester = Int(exchange.requester)
        guard let (peer, answer) = exchanges.end(place), sites[requester].isRunning,
            exchange.begun >= sites[requester].started
        else {
            counters.late += 1
            return
        }
        counters.delivered += 1
        sites[requester].received &+= 1
        mix(clock &* 8 | 2)
        mix(UInt64(requester) << 32 | UInt64(answer?.closerPeers.count ?? 255))
        sessions.note(requester, exchange.target, now: clock)
        guard exchange.token != Self.noToken else { return }
        if let answer {
            nodes[requester].machine.handle(
                .response(onWire(answer), from: peer, token: exchange.token), now: now,
                using: &random.machines, into: &effects)
        } else {
            nodes[requester].machine.handle(
                .failure(exchange.token, from: peer), now: now, using: &random.machines, into: &effects)
        }
        carryOut(of: requester)
    }

    private mutating func handleTimeout(_ place: UInt32, _ stamp: UInt32) {
        guard exchanges.isCurrent(place, stamp) else { return }
        let index = Int(place)
        let requester = Int(exchanges.places[index].requester)
        guard sites[requester].isRunning, exchanges.places[index].begun >= sites[requester].started else {
            return exchanges.remove(place)
        }
        exchanges.places[index].attempt += 1
        guard Int(exchanges.places[index].attempt) < timeouts.count else {
            let exchange = exchanges.places[index]
            guard let (peer, _) = exchanges.end(place) else { return }
            counters.failures += 1
            mix(clock &* 8 | 3)
            mix(UInt64(requester) << 32 | UInt64(place))
            if exchange.target != Exchange.nobody { sessions.remove(requester, exchange.target) }
            guard exchange.token != Self.noToken else { return }
            nodes[requester].machine.handle(
                .failure(exchange.token, from: peer), now: now, using: &random.machines,
                into: &effects)
            return carryOut(of: requester)
        }
        counters.retransmissions += 1
        sendAttempt(place)
    }

    // MARK: Deadlines and plans

    private mutating func handleDeadline(of node: Int) {
        guard sites[node].isRunning, nodes[node].scheduledDeadline == clock else { return }
        nodes[node].scheduledDeadline = .max
        if let deadline = nodes[node].nextDeadline(), deadline <= now {
            counters.deadlines += 1
            mix(clock &* 8 | 4)
            mix(UInt64(node))
            nodes[node].machine.handle(.deadline, now: now, using: &random.machines, into: &effects)
        }
        carryOut(of: node)
    }

    private mutating func handleAction(_ place: UInt32) {
        guard let action = actions.take(place) else { return }
        switch action {
        case .query(let query, let node, let place): begin(query, on: Int(node), place)
        case .contact(let node, let started): contactBootstrapPeer(Int(node), started: started)
        case .established(let node, let peer):
            guard sites[Int(node)].isRunning else { return }
            introduce(Int(peer), to: Int(node))
            carryOut(of: Int(node))
        case .arrival: _ = join()
        }
    }

    /// What `message` is after its way through bytes, if messages go that way.
    private func onWire(_ message: KadMessage) -> KadMessage {
        guard parameters.network.encodesMessages else { return message }
        return (try? KadMessage.decode(message.encoded().span.bytes)) ?? message
    }

    /// Tells `node` that `peer` has made a session with it, and what it said about itself.
    private mutating func introduce(_ peer: Int, to node: Int) {
        nodes[node].machine.peerIdentified(
            peers[peer], servesKad: sites[peer].isServer, now: now, using: &random.machines, into: &effects)
        // Sessions are not kept open: from here on the peer is a memory with a lifetime.
        nodes[node].machine.peerDisconnected(peers[peer].id, now: now)
    }
}
