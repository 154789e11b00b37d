import MeshCRDT
import MeshCore

/// Some documents and a network between them that delays, reorders, repeats, merges, converts and loses updates.
final class SimulatedMesh {
    /// The roots that the documents share.
    static let roots = [
        (name: "text", kind: "Text"), (name: "array", kind: "Array"), (name: "map", kind: "Map"),
        (name: "xml", kind: "XmlFragment"),
    ]

    /// One update in both formats.
    struct Packet {
        var v1: [UInt8] = []
        var v2: [UInt8] = []

        func bytes(_ format: UpdateFormat) -> [UInt8] { format == .v1 ? v1 : v2 }
    }

    /// One document and what is on its way to it.
    final class Site {
        let document: Document
        let undo: UndoManager
        var inbox: [Packet] = []
        fileprivate var emitted: [Packet] = []
        private var subscriptions: [Subscription] = []

        init(_ client: ClientID, collectsGarbage: Bool) {
            var options = DocumentOptions()
            options.collectsGarbage = collectsGarbage
            document = Document(clientID: client, options: options)
            undo = UndoManager.ofSession(document)
            subscriptions = [
                document.onUpdate(.v1) { [unowned self] event in
                    if event.origin != AnyHashable("remote") { emitted.append(Packet(v1: event.update)) }
                },
                document.onUpdate(.v2) { [unowned self] event in
                    if event.origin != AnyHashable("remote") {
                        emitted[emitted.count - 1].v2 = event.update
                    }
                },
            ]
        }

        var content: [UInt8] { CanonicalContent.text(of: document, roots: SimulatedMesh.roots) }
    }

    private(set) var sites: [Site]
    /// Everything that was ever sent.
    private(set) var packets: [Packet] = []
    private var rng: SeededGenerator

    init(seed: UInt64) {
        rng = SeededGenerator(seed: seed)
        let clients: [ClientID] = [1, 4_294_967_295, 130, 9_007_199_254_740_991, 70_000]
        let collectsGarbage = Int.random(in: 0..<4, using: &rng) > 0
        sites = (0..<Int.random(in: 3...5, using: &rng)).map {
            Site(clients[$0], collectsGarbage: collectsGarbage)
        }
    }

    /// Edits and deliveries in any order; the invariants hold after each.
    func run(steps: Int) throws {
        for _ in 0..<steps {
            let site = sites[Int.random(in: sites.indices, using: &rng)]
            switch Int.random(in: 0..<10, using: &rng) {
            case 0..<6: try edit(site)
            case 6: if Bool.random(using: &rng) { site.undo.undo() } else { site.undo.redo() }
            default: try deliver(to: site)
            }
            publish(site)
            try site.document.checkInvariants()
        }
    }

    /// Exchanges what is missing, by state vector, until nobody has news.
    func resynchronise() throws {
        for _ in 0..<10 {
            for site in sites { site.inbox.removeAll() }
            for receiver in sites {
                for sender in sites where sender !== receiver {
                    let format: UpdateFormat = Bool.random(using: &rng) ? .v1 : .v2
                    try receiver.document.apply(
                        missing(receiver.document, of: sender.document, format), format: format,
                        origin: "remote")
                    publish(receiver)
                    try receiver.document.checkInvariants()
                }
            }
            if sites.allSatisfy(\.inbox.isEmpty) { return }
        }
        throw Unsettled()
    }

    /// What `receiver` lacks: encoded by the document, or cut out of all of it without one.
    private func missing(
        _ receiver: Document, of sender: Document, _ format: UpdateFormat
    ) throws -> [UInt8] {
        let vector = receiver.stateVector
        guard Int.random(in: 0..<4, using: &rng) == 0 else {
            return sender.encodeStateAsUpdate(format, since: vector)
        }
        return try Updates.diff(sender.encodeStateAsUpdate(format), since: vector, format: format)
    }

    private func edit(_ site: Site) throws {
        let edits = RandomEdits(document: site.document)
        try site.document.transact(origin: "local") { _ in
            for _ in 0..<Int.random(in: 1...3, using: &rng) { try edits.edit(using: &rng) }
        }
    }

    private func deliver(to site: Site) throws {
        guard !site.inbox.isEmpty else { return }
        var chosen: [Packet] = []
        for _ in 0..<Int.random(in: 1...site.inbox.count, using: &rng) {
            let isInOrder = Int.random(in: 0..<4, using: &rng) > 0
            let place = isInOrder ? 0 : Int.random(in: site.inbox.indices, using: &rng)
            switch Int.random(in: 0..<20, using: &rng) {
            case 0: site.inbox.remove(at: place)  // lost
            case 1: chosen += [site.inbox[place], site.inbox[place]]
            default: chosen.append(site.inbox.remove(at: place))
            }
            if site.inbox.isEmpty { break }
        }
        try SimulatedMesh.apply(chosen, to: site.document, using: &rng)
    }

    private func publish(_ site: Site) {
        for packet in site.emitted {
            packets.append(packet)
            for other in sites where other !== site { other.inbox.append(packet) }
        }
        site.emitted.removeAll()
    }

    /// Applies packets one by one, merged, or in one transaction, in either format.
    static func apply(
        _ packets: [Packet], to document: Document, using rng: inout SeededGenerator
    ) throws {
        var rest = packets[...]
        while !rest.isEmpty {
            let group = Array(rest.prefix(Int.random(in: 1...5, using: &rng)))
            rest = rest.dropFirst(group.count)
            let format: UpdateFormat = Bool.random(using: &rng) ? .v1 : .v2
            let other: UpdateFormat = format == .v1 ? .v2 : .v1
            switch Int.random(in: 0..<4, using: &rng) {
            case 0:
                let merged = try Updates.merge(group.map { $0.bytes(format) }, format: format)
                try document.apply(merged, format: format, origin: "remote")
            case 1:
                let merged = try Updates.merge(group.map { $0.bytes(format) }, format: format)
                let converted = try Updates.convert(merged, from: format, to: other)
                try document.apply(converted, format: other, origin: "remote")
            case 2:
                try document.transact(origin: "remote") { _ in
                    for packet in group {
                        try document.apply(packet.bytes(format), format: format, origin: "remote")
                    }
                }
            default:
                for packet in group {
                    try document.apply(packet.bytes(format), format: format, origin: "remote")
                }
            }
        }
    }
}

/// Documents that still sent updates after ten rounds in which everybody got everything.
struct Unsettled: Error {}
