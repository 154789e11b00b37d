/// A walk over the nodes below an XML type, each before those in it.
///
/// What changes behind it does not matter, what changes before it is seen; when the node it stands at is deleted for good, the
/// walk ends. Source: Yjs 13.6 `Y.XmlTreeWalker`.
public struct XmlTreeWalker: Sequence, IteratorProtocol {
    private let document: Document
    private let root: BranchIndex
    private let filter: (SharedType) -> Bool
    /// The node that was handed out last.
    private var current = BranchIndex.none
    private var isAtStart = true

    init(document: Document, root: BranchIndex, filter: @escaping (SharedType) -> Bool) {
        self.document = document
        self.root = root
        self.filter = filter
    }

    /// The next node that the filter wants, or nil at the end.
    public mutating func next() -> SharedType? {
        var item: ItemIndex
        if isAtStart {
            isAtStart = false
            item = document.store.branches[root].start
        } else {
            guard !current.isNone, !document.store.branches[current].isCollected else { return nil }
            item = following(document.store.branches[current].item)
        }
        while !item.isNone {
            if let type = wanted(item) {
                current = BranchIndex(raw: document.store.items[item].contentOffset)
                return type
            }
            item = following(item)
        }
        current = .none
        return nil
    }

    /// The type in an item when it is to be handed out.
    private func wanted(_ index: ItemIndex) -> SharedType? {
        let item = document.store.items[index]
        guard !item.isDeleted, item.kind == .type,
            let type = SharedType(BranchIndex(raw: item.contentOffset), in: document), filter(type)
        else { return nil }
        return type
    }

    /// The item after another one: the first in it, else the next beside it or beside what it is in.
    private func following(_ index: ItemIndex) -> ItemIndex {
        let item = document.store.items[index]
        if !item.isDeleted, item.kind == .type {
            let inner = document.store.branches[BranchIndex(raw: item.contentOffset)]
            if inner.kind == .xmlElement || inner.kind == .xmlFragment, !inner.start.isNone {
                return inner.start
            }
        }
        var index = index
        while !index.isNone {
            var next = document.store.items[index].right
            while !next.isNone, document.store.items[next].isDeleted {
                next = document.store.items[next].right
            }
            if !next.isNone { return next }
            let parent = document.store.items[index].parent
            if parent == root || parent.isNone { return .none }
            index = document.store.branches[parent].item
        }
        return .none
    }
}
