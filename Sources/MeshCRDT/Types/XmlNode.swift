/// An XML node that has siblings: an element or a text.
public protocol XmlNode: SharedHandle {}

extension XmlNode {
    /// The node behind this one, or nil.
    public var nextSibling: SharedType? { sibling(\.right) }

    /// The node before this one, or nil.
    public var previousSibling: SharedType? { sibling(\.left) }

    private func sibling(_ direction: KeyPath<Item, ItemIndex>) -> SharedType? {
        let handle = type.handle
        let document = handle.document
        guard !isDeleted, !handle.node.item.isNone else { return nil }
        var item = document.store.items[handle.node.item][keyPath: direction]
        while !item.isNone, document.store.items[item].isDeleted {
            item = document.store.items[item][keyPath: direction]
        }
        guard !item.isNone, document.store.items[item].kind == .type else { return nil }
        return SharedType(BranchIndex(raw: document.store.items[item].contentOffset), in: document)
    }
}

extension Document {
    /// The name of an element or a hook.
    func nodeName(of branch: BranchIndex) -> String {
        let name = store.branches[branch].name
        return name.isNone ? "" : store.keys.string(name)
    }
}
