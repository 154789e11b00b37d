import MeshCRDT
import MeshCore

/// The messages around documents: sync and awareness.
enum DocumentProtocolFuzz {
    /// A frame of messages, delivered to a document that may be written and to one that may only be read.
    static func runSync(_ input: [UInt8]) throws {
        guard let messages = try? ProtocolMessage.decode(input) else { return }
        for message in messages {
            let again = try? ProtocolMessage.decode(message.encode())
            try promise(again == [message], "a message decodes to itself")
        }
        for access in [SyncProtocol.Access.readWrite, .readOnly] {
            let document = FuzzSyncDocument(document: try FuzzDocument.make())
            let before = document.document.encodeStateAsUpdate()
            var machine = SyncProtocol(access: access)
            for case .sync(let message) in messages {
                let effects = (try? machine.receive(message, from: "peer", document: document)) ?? []
                try FuzzDocument.check(document.document)
                for case .reply(.step2(let update)) in effects { try FuzzDocument.make().apply(update) }
            }
            try promise(
                access == .readWrite || document.document.encodeStateAsUpdate() == before,
                "a peer that may only read changes nothing")
        }
    }

    static func runAwareness(_ input: [UInt8]) throws {
        if let update = try? AwarenessUpdate(decoding: input) {
            let encoded = update.encode()
            try promise(
                (try? AwarenessUpdate(decoding: encoded))?.encode() == encoded,
                "an awareness update is written as it was read")
        }
        var awareness = Awareness(clientID: 5, now: .zero)
        _ = try awareness.setLocalState(.object(["name": "own"]), now: .zero)
        let before = awareness
        guard (try? awareness.apply(input, from: "peer", now: .zero)) != nil else {
            return try promise(awareness == before, "a refused awareness update changes nothing")
        }
        try promise(awareness.localState != nil, "nobody takes our own state away")
        var other = Awareness(clientID: 6, now: .zero)
        _ = try other.apply(awareness.encodeUpdate(), from: "peer", now: .zero)
        // States travel as JSON, in which -0 is 0, and a number beyond all numbers null: no state.
        for (client, state) in awareness.states where client != 6 && state.json != "null" {
            try promise(other.state(of: client)?.json == state.json, "states reach others")
        }
        let clientCount = awareness.clientCount
        _ = try awareness.apply(input, from: "peer", now: .zero)
        try promise(awareness.clientCount == clientCount, "nobody joins twice")
        _ = awareness.tick(now: .zero + .seconds(31))
        try promise(awareness.states.allSatisfy { $0.client == 5 }, "those who are silent leave")
    }
}

/// A document as the sync protocol sees it.
private struct FuzzSyncDocument: SyncDocument {
    let document: Document

    var encodedStateVector: [UInt8] { document.stateVector.encoded() }

    func encodeStateAsUpdate(since stateVector: [UInt8]) throws(UpdateError) -> [UInt8] {
        document.encodeStateAsUpdate(since: try StateVector(decoding: stateVector))
    }

    func apply(_ update: [UInt8], from origin: String) throws(UpdateError) {
        try document.apply(update, origin: origin)
    }
}
