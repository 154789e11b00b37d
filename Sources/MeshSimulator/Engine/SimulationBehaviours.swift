import MeshCore
import MeshDHT

/// Names a registered behaviour.
public struct BehaviourID: Hashable, Sendable {
    let value: UInt8
}

/// Nodes that do not follow the protocol, and what tests and scenarios do to single machines.
extension Simulation {
    /// Registers a behaviour, which nodes can be given.
    public mutating func register(_ behaviour: any NodeBehaviour) -> BehaviourID {
        precondition(behaviours.count < 255, "more than 255 behaviours")
        behaviours.append(behaviour)
        return BehaviourID(value: UInt8(behaviours.count))
    }

    /// Replaces a registered behaviour, for all nodes that have it.
    public mutating func replace(_ id: BehaviourID, with behaviour: any NodeBehaviour) {
        behaviours[Int(id.value) - 1] = behaviour
    }

    /// The behaviour as it is now.
    public func behaviour(_ id: BehaviourID) -> any NodeBehaviour { behaviours[Int(id.value) - 1] }

    /// Gives a node a behaviour instead of its machine's answers; nil makes it honest.
    public mutating func setBehaviour(_ id: BehaviourID?, of node: NodeIndex) {
        sites[Int(node.value)].behaviour = id?.value ?? 0
    }

    /// The behaviour of a node; nil when it is honest.
    public func behaviour(of node: NodeIndex) -> BehaviourID? {
        let value = sites[Int(node.value)].behaviour
        return value == 0 ? nil : BehaviourID(value: value)
    }

    /// Reads or changes the state of a registered behaviour.
    public mutating func withBehaviour<Result>(
        _ id: BehaviourID, _ body: (inout any NodeBehaviour) -> Result
    ) -> Result {
        body(&behaviours[Int(id.value) - 1])
    }

    /// Sends a request of `node`'s outside of its machine; its answer goes nowhere, and it is not sent again.
    public mutating func inject(_ request: KadMessage, from node: NodeIndex, to target: NodeIndex) {
        send(
            request, to: peers[Int(target.value)].id, token: Self.noToken, from: Int(node.value),
            isAnswered: false)
    }

    /// Calls the machine of a running node and carries out what it wants.
    public mutating func perform<Result>(
        on node: NodeIndex,
        _ body: (inout Kademlia, Instant, inout SeededGenerator, inout Kademlia.KadEffects) -> Result
    ) -> Result {
        let result = body(&nodes[Int(node.value)].machine, now, &random.machines, &effects)
        carryOut(of: Int(node.value))
        return result
    }

    /// Messages that `node` has sent and received, handshakes not counted.
    public func traffic(of node: NodeIndex) -> (sent: Int, received: Int) {
        let site = sites[Int(node.value)]
        return (Int(site.sent), Int(site.received))
    }
}
