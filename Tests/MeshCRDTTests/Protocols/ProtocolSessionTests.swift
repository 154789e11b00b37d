import MeshCore
import Testing

@testable import MeshCRDT

/// A document that has what a vector says it has.
private final class RecordedDocument: SyncDocument {
    let encodedStateVector: [UInt8]
    let answers: [[UInt8]: [UInt8]]
    var applied: [[UInt8]] = []
    var origins: [String] = []
    var failure: UpdateError?

    init(stateVector: [UInt8] = [0], answers: [[UInt8]: [UInt8]] = [:]) {
        encodedStateVector = stateVector
        self.answers = answers
    }

    func encodeStateAsUpdate(since stateVector: [UInt8]) throws(UpdateError) -> [UInt8] {
        guard let answer = answers[stateVector] else { throw .malformed(.number, offset: 0) }
        return answer
    }

    func apply(_ update: [UInt8], from origin: String) throws(UpdateError) {
        if let failure { throw failure }
        applied.append(update)
        origins.append(origin)
    }
}

@Suite struct ProtocolSessionTests {
    private let vectors: ProtocolVectors
    private let alice: ClientID = 1
    private let bob: ClientID = 2

    init() throws {
        vectors = try ProtocolVectors.load()
    }

    @Test func `two documents meet with the frames of Yjs`() throws {
        var sessions: [String: ProtocolSession] = [:]
        for delivery in vectors.meeting {
            var session = sessions[delivery.to] ?? ProtocolSession()
            var awareness = Awareness(clientID: alice, now: .zero)
            let frame = try ProtocolVectors.bytes(delivery.frame)
            let document = try recorded(delivery, frame: frame)
            let wasSynced = session.sync.isSynced
            let effects = try session.receive(
                frame, from: "peer", document: document, awareness: &awareness, now: .zero)
            let replies = effects.compactMap { effect -> [UInt8]? in
                guard case .send(let message) = effect else {
                    #expect(effect == .synced)
                    return nil
                }
                return message.encode()
            }
            #expect(replies.map(Hex.encode) == (delivery.reply.map { reply in [reply] } ?? []))
            #expect(document.applied.count == (delivery.type == 0 ? 0 : 1))
            #expect(effects.contains(.synced) == (delivery.type == 1 && !wasSynced))
            sessions[delivery.to] = session
        }
        #expect(sessions.values.allSatisfy { session in session.sync.isSynced })
        #expect(sessions.count == 2)
    }

    @Test func `a connection starts with step 1 and the states that are there`() throws {
        let document = RecordedDocument(stateVector: [1, 5, 9])
        var awareness = Awareness(clientID: alice, now: .zero)
        let session = ProtocolSession()
        #expect(
            session.start(document: document, awareness: awareness)
                == [.sync(.step1(stateVector: [1, 5, 9])), .awareness(awareness.encodeUpdate())])
        _ = try awareness.setLocalState(nil, now: .zero)
        #expect(
            session.start(document: document, awareness: awareness)
                == [.sync(.step1(stateVector: [1, 5, 9]))])
    }

    @Test func `who may only read changes nothing and is told apart from who sends nothing new`() throws {
        var session = ProtocolSession(access: .readOnly)
        var awareness = Awareness(clientID: alice, now: .zero)
        let document = RecordedDocument(answers: [[0]: [0, 0]])
        let cases: [(SyncMessage, [ProtocolSession.Effect])] = [
            (.step1(stateVector: [0]), [.send(.sync(.step2(update: [0, 0])))]),
            (.step2(update: [0, 0]), []), (.step2(update: [0, 1, 1, 1, 0, 1]), []),
            (.step2(update: [1, 1, 1]), [.refused(byteCount: 3)]), (.update([0, 0]), []),
            (.update([0, 1, 1, 1, 0, 1]), [.refused(byteCount: 6)]),
            (.step2(update: []), [.refused(byteCount: 0)]),
        ]
        for (message, expected) in cases {
            let effects = try session.receive(
                ProtocolMessage.sync(message).encode(), from: "bob", document: document,
                awareness: &awareness, now: .zero)
            #expect(effects == expected, "\(message)")
        }
        #expect(document.applied.isEmpty)
        #expect(!session.sync.isSynced)
    }

    @Test func `a refused update is an error, and the peer is not in sync`() {
        var session = ProtocolSession()
        var awareness = Awareness(clientID: alice, now: .zero)
        let document = RecordedDocument()
        document.failure = .truncated(offset: 3)
        #expect(throws: UpdateError.truncated(offset: 3)) {
            try session.receive(
                ProtocolMessage.sync(.step2(update: [9])).encode(), from: "bob", document: document,
                awareness: &awareness, now: .zero)
        }
        #expect(!session.sync.isSynced)
    }

    @Test func `states are told, asked for, and gone with the connection`() throws {
        var session = ProtocolSession()
        var awareness = Awareness(clientID: alice, now: .zero)
        let document = RecordedDocument()
        let entries = [bob, alice, 9].map { AwarenessUpdate.Entry(client: $0, clock: 3, state: ["n": 1]) }
        let told = ProtocolMessage.awareness(AwarenessUpdate(entries).encode())
        let effects = try session.receive(
            told.encode(), from: "bob", document: document, awareness: &awareness, now: .zero)
        guard case .awareness(let change)? = effects.first else {
            Issue.record("\(effects)")
            return
        }
        #expect(change.added == [bob, 9])
        #expect(change.updated == [alice])
        #expect(change.origin == .peer("bob"))
        #expect(session.clients == [bob, 9])
        let again = try session.receive(
            told.encode(), from: "bob", document: document, awareness: &awareness, now: .zero)
        #expect(again == [])
        let asked = try session.receive(
            ProtocolMessage.queryAwareness.encode() + ProtocolMessage.permissionDenied(reason: "no").encode(),
            from: "bob", document: document, awareness: &awareness, now: .zero)
        #expect(asked == [.send(.awareness(awareness.encodeUpdate())), .permissionDenied(reason: "no")])
        #expect(session.end(awareness: &awareness, from: "bob", now: .zero).removed == [bob, 9])
        #expect(awareness.states.map(\.client) == [alice])
        #expect(session.end(awareness: &awareness, from: "bob", now: .zero).isEmpty)
    }

    private func recorded(
        _ delivery: ProtocolVectors.Delivery, frame: [UInt8]
    ) throws -> RecordedDocument {
        let stateVector = try ProtocolVectors.bytes(delivery.before.stateVector)
        guard let reply = delivery.reply,
            case .sync(.step1(let asked))? = try ProtocolMessage.decode(frame).first,
            case .sync(.step2(let update))? =
                try ProtocolMessage.decode(ProtocolVectors.bytes(reply)).first
        else { return RecordedDocument(stateVector: stateVector) }
        return RecordedDocument(stateVector: stateVector, answers: [asked: update])
    }
}
