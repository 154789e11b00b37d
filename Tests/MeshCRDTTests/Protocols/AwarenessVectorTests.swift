import MeshCore
import Testing

@testable import MeshCRDT

/// The histories of y-protocols' own `Awareness`, played again.
@Suite struct AwarenessVectorTests {
    private let vectors: ProtocolVectors

    init() throws {
        vectors = try ProtocolVectors.load()
    }

    @Test(arguments: 0..<12) func `every history has Yjs's events and bytes at every step`(number: Int) throws
    {
        let steps = vectors.sessions[number]
        #expect(steps.count == 60)
        var clients = ProtocolVectors.clients.map { Awareness(clientID: $0, now: .zero) }
        for (place, step) in steps.enumerated() {
            let text = "step \(place) of history \(number): \(step.op ?? "nothing")"
            let changes = try play(step, on: &clients[step.who])
            let client = clients[step.who]
            let isOwnThere = client.localState != nil
            let expected = self.changes(step.events, own: client.clientID, isOwnThere: isOwnThere)
            #expect(changes.filter { change in !change.isEmpty } == expected, "\(text)")
            #expect(Hex.encode(client.encodeUpdate()) == step.all, "\(text)")
            let known = ProtocolVectors.clients + [900, 901, 902]
            #expect(Hex.encode(client.encodeUpdate(of: known.sorted())) == step.known, "\(text)")
        }
    }

    @Test func `states are replaced in an update as Yjs replaces them`() throws {
        #expect(vectors.modified.count == 20)
        for vector in vectors.modified {
            let modified = try AwarenessUpdate.modify(ProtocolVectors.bytes(vector[0])) { _, state in
                guard case .object(var fields) = state else { return .null }
                fields["name"] = "checked"
                return .object(fields)
            }
            #expect(Hex.encode(modified) == vector[1])
        }
    }

    private func play(
        _ step: ProtocolVectors.Step, on awareness: inout Awareness
    ) throws -> [AwarenessChange] {
        let now = Instant(nanoseconds: step.now * 1_000_000)
        switch step.op {
        case "set":
            let json = try #require(step.json)
            let state = try AnyValue(json: json)
            return [try awareness.setLocalState(state == .null ? nil : state, now: now)]
        case "field":
            let (key, json) = (try #require(step.key), try #require(step.json))
            return [try awareness.setLocalField(key, AnyValue(json: json), now: now)]
        case "apply":
            return [try awareness.apply(ProtocolVectors.bytes(step.update), from: "peer", now: now)]
        case "remove":
            let ids = try #require(step.ids).compactMap { id in ClientID(id) }
            return [awareness.remove(ids, origin: .peer("peer"), now: now)]
        case "tick":
            return awareness.tick(now: now)
        default:
            return []
        }
    }

    /// Yjs's events as changes; the own client is listed as updated where Yjs says that it was removed but keeps it.
    private func changes(
        _ events: [ProtocolVectors.Event], own: ClientID, isOwnThere: Bool
    ) -> [AwarenessChange] {
        var changed: [ClientID] = []
        return events.compactMap { event in
            guard event.name == "update" else {
                changed = event.updated.compactMap { ClientID($0) }
                return nil
            }
            var change = AwarenessChange(
                origin: event.origin == "peer" ? .peer("peer") : event.origin == "local" ? .local : .timeout)
            change.added = event.added.compactMap { ClientID($0) }
            change.updated = event.updated.compactMap { ClientID($0) }
            change.removed = event.removed.compactMap { ClientID($0) }
            change.changed = changed
            changed = []
            if isOwnThere, let place = change.removed.firstIndex(of: own) {
                change.removed.remove(at: place)
                change.updated.append(own)
            }
            return change
        }
    }
}
