/// A type with XML nodes in an order: a fragment or an element.
public protocol XmlContainer: ListType {}

extension XmlContainer {
    /// The nodes in it.
    ///
    /// Plain values, which a list of another kind may have brought here, are left out.
    public var children: [SharedType] { values.compactMap(\.type) }

    /// The first node, or nil.
    public var firstChild: SharedType? { self.get(0)?.type }

    /// Inserts nodes at an index.
    ///
    /// Throws ``DocumentError/outOfBounds(index:length:)`` when `index` is not in `0...count`.
    public func insert(_ children: [NewType], at index: Int) throws(DocumentError) {
        try type.handle.insertElements(children.map(SharedInput.type), at: index)
    }

    /// Adds nodes behind the last one.
    public func append(_ children: [NewType]) throws(DocumentError) {
        try insert(children, at: count)
    }

    /// Adds nodes before the first one.
    public func prepend(_ children: [NewType]) throws(DocumentError) {
        try insert(children, at: 0)
    }

    /// Inserts nodes behind a child; behind none is in front of all.
    ///
    /// Throws ``DocumentError/unsupportedValue(_:)`` when `reference` is not a child.
    public func insert(_ children: [NewType], after reference: SharedType?) throws(DocumentError) {
        let handle = type.handle
        try handle.checkWritable()
        let branch = handle.branch
        var left = ItemIndex.none
        if let reference {
            try reference.handle.checkWritable()
            left = reference.handle.node.item
            guard reference.handle.document === handle.document, !left.isNone,
                handle.document.store.items[left].parent == branch
            else { throw .unsupportedValue("a reference that is not a child") }
        }
        try handle.document.insert(children, in: branch) { store in
            ListPosition(
                left: left, right: left.isNone ? store.branches[branch].start : store.items[left].right)
        }
    }

    /// Walks over all nodes below, each before those in it, and keeps those that `filter` wants.
    public func treeWalker(where filter: @escaping (SharedType) -> Bool = { _ in true }) -> XmlTreeWalker {
        let handle = type.handle
        return XmlTreeWalker(document: handle.document, root: handle.branch, filter: filter)
    }

    /// The first element below with a node name, in whatever case; nil when there is none.
    public func querySelector(_ name: String) -> XmlElement? {
        var walker = treeWalker(where: Self.selector(name))
        return walker.next()?.element
    }

    /// All elements below with a node name, in whatever case.
    public func querySelectorAll(_ name: String) -> [XmlElement] {
        treeWalker(where: Self.selector(name)).compactMap(\.element)
    }

    private static func selector(_ name: String) -> (SharedType) -> Bool {
        let wanted = name.uppercased()
        return { type in type.element?.nodeName.uppercased().hasSameBytes(as: wanted) ?? false }
    }
}

extension SharedType {
    fileprivate var element: XmlElement? {
        if case .xmlElement(let element) = self { element } else { nil }
    }
}
