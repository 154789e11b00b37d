import Foundation
import MeshCRDT
import MeshCore

/// One random session between documents of ours and of pycrdt, over a network that delays, reorders, repeats and loses.
///
/// yrs does no formatting clean-up through pycrdt, ours does what Yjs does and sends it; at the end everybody has the same
/// content, attributes included, because deletions of markers reach the others like any other.
final class CRDTMixedSession {
    static let roots = [
        (name: "array", kind: "Array"), (name: "map", kind: "Map"), (name: "text", kind: "Text"),
        (name: "xml", kind: "XmlFragment"),
    ]

    /// A document of ours.
    private final class Ours {
        let document: Document
        let undo: UndoManager
        var sent: [Data] = []
        var subscription: Subscription?

        init(_ client: ClientID, collectsGarbage: Bool) {
            var options = DocumentOptions()
            options.collectsGarbage = collectsGarbage
            document = Document(clientID: client, options: options)
            undo = UndoManager.ofSession(document)
            subscription = document.onUpdate(.v1) { [unowned self] event in
                if event.origin != AnyHashable("remote") { sent.append(Data(event.update)) }
            }
        }

        var content: String {
            String(
                decoding: CanonicalContent.text(of: document, roots: CRDTMixedSession.roots), as: UTF8.self)
        }
    }

    private let foreign: CRDTForeignDocuments
    private let ours: [Ours]
    private let foreignCount: Int
    /// What is on its way to each: first ours, then theirs.
    private var inboxes: [[Data]]
    private var rng: SeededGenerator

    init(seed: UInt64, foreign: CRDTForeignDocuments) throws {
        rng = SeededGenerator(seed: seed)
        self.foreign = foreign
        let collectsGarbage = Int.random(in: 0..<4, using: &rng) > 0
        let count = Int.random(in: 3...5, using: &rng)
        foreignCount = Int.random(in: 1...2, using: &rng)
        let clients: [ClientID] = [1, 4_294_967_295, 70_000, 130, 9_007_199_254_740_991]
        let shuffled = clients.shuffled(using: &rng)
        ours = shuffled[foreignCount..<count].map { Ours($0, collectsGarbage: collectsGarbage) }
        inboxes = Array(repeating: [], count: count)
        try foreign.start(
            seed: seed, clients: Array(shuffled[..<foreignCount]), collectsGarbage: collectsGarbage)
    }

    /// Edits on both sides, deliveries as they come, a resynchronisation, the comparison.
    func run(rounds: Int) throws {
        for _ in 0..<rounds { try round(editing: true) }
        try resynchronise()
    }

    // MARK: Edits and deliveries

    private func round(editing: Bool) throws {
        for (index, site) in ours.enumerated() {
            for update in arrivals(index) { try apply(update, to: site) }
            for _ in 0..<Int.random(in: 0...3, using: &rng) { try edit(site) }
            try site.document.checkInvariants()
            publish(site.sent, from: index)
            site.sent = []
        }
        var apply: [[Data]] = []
        var edits: [Int] = []
        for index in ours.count..<inboxes.count {
            apply.append(arrivals(index))
            edits.append(Int.random(in: 0...3, using: &rng))
        }
        for (index, sent) in try foreign.round(apply: apply, edits: edits).enumerated() {
            publish(sent, from: ours.count + index)
        }
    }

    private func edit(_ site: Ours) throws {
        switch Int.random(in: 0..<12, using: &rng) {
        case 0: site.undo.undo()
        case 1: site.undo.redo()
        default:
            let edits = RandomEdits(document: site.document)
            try site.document.transact(origin: "local") { _ in
                for _ in 0..<Int.random(in: 1...3, using: &rng) { try edits.edit(using: &rng) }
            }
        }
    }

    /// Applies an update, now and then converted; a failure tells the bytes.
    private func apply(_ update: Data, to site: Ours) throws {
        do {
            if Int.random(in: 0..<4, using: &rng) == 0 {
                let converted = try Updates.convert(Array(update), from: .v1, to: .v2)
                try site.document.apply(converted, format: .v2, origin: "remote")
            } else {
                try site.document.apply(Array(update), origin: "remote")
            }
        } catch {
            throw WaitError(description: "\(error), update \(update.base64EncodedString())")
        }
    }

    /// Takes some of what waits for a site: out of order, twice, or never.
    private func arrivals(_ index: Int) -> [Data] {
        var arrived: [Data] = []
        for _ in 0..<Int.random(in: 0...inboxes[index].count, using: &rng) {
            let isInOrder = Int.random(in: 0..<4, using: &rng) > 0
            let place = isInOrder ? 0 : Int.random(in: inboxes[index].indices, using: &rng)
            switch Int.random(in: 0..<20, using: &rng) {
            case 0: inboxes[index].remove(at: place)
            case 1: arrived += [inboxes[index][place], inboxes[index][place]]
            default: arrived.append(inboxes[index].remove(at: place))
            }
            if inboxes[index].isEmpty { break }
        }
        return arrived
    }

    private func publish(_ updates: [Data], from index: Int) {
        for other in inboxes.indices where other != index { inboxes[other] += updates }
    }

    // MARK: The end

    /// Exchanges what is missing by state vector until nobody sends anything, then compares.
    private func resynchronise() throws {
        var lastDifference = ""
        for _ in 0..<6 {
            let before = try foreign.state()
            for site in ours {
                for report in before.documents { try catchUp(site, with: report) }
                for other in ours where other !== site {
                    let missing = other.document.encodeStateAsUpdate(since: site.document.stateVector)
                    try apply(Data(missing), to: site)
                }
                try site.document.checkInvariants()
            }
            let missing = try before.documents.map { report in
                let vector = try StateVector(decoding: Array(report.sv))
                return ours.map { Data($0.document.encodeStateAsUpdate(since: vector)) }
            }
            let sent = try foreign.round(apply: missing, edits: missing.map { _ in 0 })
            let isQuiet = sent.allSatisfy(\.isEmpty) && ours.allSatisfy(\.sent.isEmpty)
            for site in ours { site.sent = [] }
            lastDifference = try difference() ?? ""
            if isQuiet, lastDifference.isEmpty { return }
        }
        throw WaitError(description: lastDifference.isEmpty ? "updates without end" : lastDifference)
    }

    /// Applies what `site` lacks of a foreign document: all of it, or cut to the state vector without a document.
    ///
    /// yrs 0.28 keeps a pending struct that it has got by other ways, and from then on writes a gap of -1 units and the
    /// struct beyond 2^32 behind it, for ever; that is refused. What came before has to be enough.
    private func catchUp(_ site: Ours, with report: CRDTForeignDocuments.Report) throws {
        var update = Array(report.update)
        do {
            if Bool.random(using: &rng) {
                update = try Updates.diff(update, since: site.document.stateVector)
            }
            try site.document.apply(update, origin: "remote")
        } catch UpdateError.malformed(.clock, _) {
            return
        } catch {
            throw WaitError(description: "\(error), update \(report.update.base64EncodedString())")
        }
    }

    /// What differs between the documents, or nil when they are equal and accept each other's updates.
    private func difference() throws -> String? {
        let first = ours[0]
        let content = first.content
        let vector = first.document.stateVector
        let state = try foreign.state(load: ours.map { Data($0.document.encodeStateAsUpdate()) })
        for site in ours {
            if site.content != content { return "ours differ:\n\(content)\n\(site.content)" }
            if site.document.stateVector != vector { return "our state vectors differ" }
            if site.document.pendingByteCount != 0 { return "something of ours is pending" }
        }
        for report in state.documents {
            if report.content != content { return "pycrdt has:\n\(report.content)\nours:\n\(content)" }
            if try StateVector(decoding: Array(report.sv)) != vector {
                return "pycrdt's state vector differs"
            }
            let copy = Document(clientID: 3)
            do {
                try copy.apply(Array(report.update))
            } catch UpdateError.malformed(.clock, _) {
                continue
            } catch {
                return "pycrdt's document is refused: \(error), \(report.update.base64EncodedString())"
            }
            try copy.checkInvariants()
            let loaded = CanonicalContent.text(of: copy, roots: CRDTMixedSession.roots)
            if String(decoding: loaded, as: UTF8.self) != content { return "ours make \(loaded) of pycrdt's" }
        }
        for loaded in state.loaded where loaded != content {
            return "pycrdt makes of ours:\n\(loaded)\nours:\n\(content)"
        }
        return nil
    }
}
