import Foundation
import Testing

@testable import MeshCRDT

/// One replica of a logged session: a document of ours that does what a document of Yjs did.
final class TypeReplica {
    static let roots = ["array", "map", "xml", "el"]

    let document: Document
    private let observesRootsOnly: Bool
    private let echoes: () -> Int
    private var observed: Set<BranchIndex> = []
    private(set) var subscriptions: [Subscription] = []
    private var events: [AnyValue] = []
    private var sent: [(v1: [UInt8], v2: [UInt8])] = []

    init(
        clientID: ClientID, collectsGarbage: Bool, observesRootsOnly: Bool, echoes: @escaping () -> Int
    ) {
        self.observesRootsOnly = observesRootsOnly
        var options = DocumentOptions()
        options.guid = "root"
        options.collectionID = "c"
        options.collectsGarbage = collectsGarbage
        document = Document(clientID: clientID, options: options)
        self.echoes = echoes
        _ = document.array("array")
        _ = document.map("map")
        _ = document.xmlFragment("xml")
        _ = document.xmlElement("el")
        observeAll()
        subscriptions.append(
            document.onSubdocuments { [unowned self] event in
                let loaded = event.loaded.sorted { $0.guid < $1.guid }
                let lists = [event.added, event.removed, loaded]
                events.append(.array(["sub"] + lists.map { .array($0.map { .string($0.guid) }) }))
            })
        var waiting: [UInt8] = []
        subscriptions.append(document.onUpdate(.v1) { event in waiting = event.update })
        subscriptions.append(
            document.onUpdate(.v2) { [unowned self] event in
                if event.origin != AnyHashable("remote") { sent.append((waiting, event.update)) }
            })
    }

    /// All types and documents that can be reached, with the way to each.
    var all: [(value: SharedValue, path: [AnyValue])] {
        var found: [(value: SharedValue, path: [AnyValue])] = []
        func walk(_ value: SharedValue, _ path: [AnyValue]) {
            found.append((value, path))
            guard let type = value.type else { return }
            for (step, inner) in Self.inner(of: type) {
                switch inner {
                case .type, .document: walk(inner, path + [step])
                case .any, .binary: break
                }
            }
        }
        for name in Self.roots {
            if let root = document.root(name) { walk(.type(root), [.string(name)]) }
        }
        return found
    }

    static func inner(of type: SharedType) -> [(step: AnyValue, value: SharedValue)] {
        let (document, branch) = (type.handle.document, type.handle.branch)
        let entries = document.liveEntries(of: branch).compactMap { entry in
            document.value(of: entry.item).map { value in (step: AnyValue.string(entry.key), value: value) }
        }
        func numbered(_ values: [SharedValue]) -> [(step: AnyValue, value: SharedValue)] {
            values.enumerated().map { index, value in (.number(Double(index)), value) }
        }
        switch type {
        case .array(let array): return numbered(array.values)
        case .xmlFragment(let fragment): return numbered(fragment.values)
        case .xmlElement(let element): return numbered(element.values) + entries
        case .map, .xmlHook: return entries
        case .text, .xmlText: return []
        }
    }

    func resolve(_ path: [AnyValue]) throws -> SharedValue {
        let root = try #require(document.root(path[0].textValue ?? ""))
        var value = SharedValue.type(root)
        for step in path.dropFirst() {
            let type = try #require(value.type)
            value = try #require(Self.inner(of: type).first { pair in pair.step == step }?.value)
        }
        return value
    }

    /// The roots as plain values.
    var json: AnyValue {
        .object(
            AnyFields(
                Self.roots.map { name in
                    (name, TypeVectorValues.any(document.root(name)?.toJSON() ?? .undefined))
                }))
    }

    func takeEvents() -> AnyValue {
        observeAll()
        defer { events = [] }
        return .array(events)
    }

    func takeSent() -> AnyValue {
        defer { sent = [] }
        return .array(
            sent.map { update in
                .array([update.v1, update.v2].map { .string(Data($0).base64EncodedString()) })
            })
    }

    // MARK: Observers

    private func observeAll() {
        for case (.type(let type), _) in all where observed.insert(type.handle.branch).inserted {
            observe(type)
        }
    }

    private func observe(_ type: SharedType) {
        subscriptions.append(
            type.observe { [unowned self] event in
                events.append(["own", .array(fullPath(of: type)), describe(event)])
                guard type == .map(document.map("map")), event.transaction.isLocal,
                    event.keysChanged.contains("a"), !event.keysChanged.contains("echo")
                else { return }
                _ = try? document.map("map").set("echo", .any(.number(Double(echoes()))))
            })
        guard !observesRootsOnly || type.parent == nil else { return }
        subscriptions.append(
            type.observeDeep { [unowned self] told in
                let described = told.map { event -> AnyValue in
                    guard case .object(var fields) = describe(event) else { return .null }
                    fields["path"] = observesRootsOnly ? .array(event.path.map(Self.step)) : .null
                    return .object(fields)
                }
                events.append(["deep", .array(fullPath(of: type)), .array(described)])
            })
    }

    private static func step(_ step: PathStep) -> AnyValue {
        switch step {
        case .key(let key): .string(key)
        case .index(let index): .number(Double(index))
        }
    }

    private func fullPath(of type: SharedType) -> [AnyValue] {
        var root = type
        while let parent = root.parent { root = parent }
        return [.string(root.rootName ?? "")]
            + document.path(from: root.handle.branch, to: type.handle.branch).map(Self.step)
    }

    private func describe(_ event: TypeEvent) -> AnyValue {
        var fields = AnyFields()
        fields["target"] = .array(fullPath(of: event.target))
        fields["changed"] = .array(event.keysChanged.map(AnyValue.string))
        fields["keys"] = .array(
            event.keys.map { key, change in
                switch change {
                case .add: [.string(key), "add"]
                case .update(let old): [.string(key), "update", TypeVectorValues.value(old)]
                case .delete(let old): [.string(key), "delete", TypeVectorValues.value(old)]
                }
            })
        switch event.target {
        case .text, .xmlText:
            fields["child"] = .bool(event.childListChanged)
            let map = document.map("map").branch
            if !event.transaction.state.changes.contains(where: { change in change.branch == map }) {
                fields["text"] = .array(event.textDelta.map(TypeVectorValues.step))
            }
        case .array, .map, .xmlElement, .xmlFragment, .xmlHook:
            fields["delta"] = .array(
                event.delta.map { step in
                    switch step {
                    case .insert(let values): ["insert": .array(values.map(TypeVectorValues.value))]
                    case .retain(let count): ["retain": .number(Double(count))]
                    case .delete(let count): ["delete": .number(Double(count))]
                    }
                })
            fields["added"] = .number(Double(event.added.count))
            fields["deleted"] = .number(Double(event.deleted.count))
        }
        return .object(fields)
    }
}
