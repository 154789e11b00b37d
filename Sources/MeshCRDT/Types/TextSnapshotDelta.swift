/// What became of a piece of text between two snapshots.
public enum TextChangeKind: String, Hashable, Sendable {
    /// It is in the older one only.
    case removed
    /// It is in the newer one only.
    case added
}

extension SharedText {
    /// The text as it was at a snapshot, as inserted parts.
    ///
    /// With an older snapshot `previous`, what was deleted since is there, too, and text that came or went has the attribute
    /// `ychange`: what `describe` makes of the change and its first unit, or `{type: "removed"}` and `{type: "added"}`. The
    /// document must not collect garbage, or what was deleted is missing. Linear in the length of the text with what was
    /// deleted; runs are split and joined again, which is a transaction with the origin "cleanup". Source: Yjs 13.6
    /// `Y.Text.toDelta`.
    public func toDelta(
        at snapshot: Snapshot, since previous: Snapshot? = nil,
        describe: ((TextChangeKind, ID) -> AnyValue)? = nil
    ) -> [TextDelta] {
        document.transact(origin: "cleanup") { _ in
            document.mutate { store in
                store.split(at: snapshot)
                if let previous { store.split(at: previous) }
            }
            var comparison = TextComparison(
                document: document, snapshot: snapshot, previous: previous, describe: describe)
            var item = node.start
            while !item.isNone {
                comparison.append(item)
                item = document.store.items[item].right
            }
            return comparison.finish()
        }
    }
}

/// Collects what a text was at one snapshot or at two.
private struct TextComparison {
    private static let key = "ychange"

    private let document: Document
    private let snapshot: Snapshot
    private let previous: Snapshot?
    private let describe: ((TextChangeKind, ID) -> AnyValue)?
    private var builder: TextDeltaBuilder

    init(
        document: Document, snapshot: Snapshot, previous: Snapshot?,
        describe: ((TextChangeKind, ID) -> AnyValue)?
    ) {
        self.document = document
        self.snapshot = snapshot
        self.previous = previous
        self.describe = describe
        builder = TextDeltaBuilder(document)
    }

    mutating func append(_ index: ItemIndex) {
        let isShown = document.store.isVisible(index, at: snapshot)
        let wasShown = previous.map { document.store.isVisible(index, at: $0) }
        guard isShown || wasShown == true else { return }
        switch document.store.items[index].kind {
        case .string: note(index, isShown: isShown, wasShown: wasShown)
        case .format: if !isShown { return }
        case .embed, .type, .gc, .deleted, .json, .binary, .any, .document, .skip: break
        }
        builder.append(index)
    }

    mutating func finish() -> [TextDelta] { builder.finish() }

    /// Says what became of the text that comes next.
    private mutating func note(_ index: ItemIndex, isShown: Bool, wasShown: Bool?) {
        let current = builder.attributes[Self.key]?.value
        let kind: TextChangeKind
        if !isShown {
            kind = .removed
        } else if wasShown == false {
            kind = .added
        } else {
            if current != nil { builder.set(Self.key, nil) }
            return
        }
        let id = document.store.id(of: index)
        guard !Self.tells(current, kind, of: id.client) else { return }
        builder.set(Self.key, describe?(kind, id) ?? ["type": .string(kind.rawValue)])
    }

    /// Whether the attribute says of the same user that the same happened.
    private static func tells(_ value: AnyValue?, _ kind: TextChangeKind, of client: ClientID) -> Bool {
        guard case .object(let fields) = value else { return false }
        return fields["user"] == .number(Double(client)) && fields["type"] == .string(kind.rawValue)
    }
}
