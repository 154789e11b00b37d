/// A place in a list or text that keeps its meaning while others edit around it.
///
/// It names the unit that it belongs to, or only the type when it belongs to the type's end (or start). Source: Yjs 13.6
/// `RelativePosition`.
public struct RelativePosition: Sendable {
    /// The unit that it belongs to; nil for the end or the start of the type.
    public var item: ID?
    /// The nested type that the place is in, by the unit that holds it; nil for a root.
    ///
    /// Bytes have it only without ``item``.
    public var type: ID?
    /// The name of the root that the place is in; nil for a nested type.
    ///
    /// Bytes have it only without ``item``.
    public var rootName: String?
    /// Negative when it belongs to the unit before the place, else to the one behind it; Yjs: `assoc`.
    public var association: Int

    /// Creates a position of its parts; one of the first three must be given.
    public init(item: ID? = nil, type: ID? = nil, rootName: String? = nil, association: Int = 0) {
        self.item = item
        self.type = type
        self.rootName = rootName
        self.association = association
    }
}

extension RelativePosition: Hashable {
    /// Whether both have the same parts; names are compared by their bytes.
    public static func == (left: RelativePosition, right: RelativePosition) -> Bool {
        left.item == right.item && left.type == right.type && left.association == right.association
            && left.rootName.map(ByteKey.init(string:)) == right.rootName.map(ByteKey.init(string:))
    }

    /// Mixes all parts into `hasher`.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(item)
        hasher.combine(type)
        hasher.combine(rootName.map(ByteKey.init(string:)))
        hasher.combine(association)
    }
}

/// Where a ``RelativePosition`` is at the moment.
public struct AbsolutePosition: Equatable {
    /// The list or text.
    public var type: SharedType
    /// The place in it; in a text in UTF-16 units.
    public var index: Int
    /// As in the relative position.
    public var association: Int
}

extension SharedHandle {
    /// The place before the unit at `index`, or at the end, in a form that survives edits.
    ///
    /// With a negative `association` it belongs to the unit before it, so that what is inserted there comes behind it.
    /// Throws ``DocumentError/outOfBounds(index:length:)`` when `index` is not in `0...length`, and
    /// ``DocumentError/deleted`` when nothing is left of the type. Logarithmic.
    public func relativePosition(
        at index: Int, association: Int = 0
    ) throws(DocumentError) -> RelativePosition {
        let handle = type.handle
        let document = handle.document
        guard !handle.node.isCollected else { throw .deleted }
        let length = Int(handle.node.length)
        guard index >= 0, index <= length else { throw .outOfBounds(index: index, length: length) }
        var position = document.position(of: handle.branch, association: association)
        let unit = association < 0 ? index - 1 : index
        guard unit >= 0, unit < length else { return position }
        let (item, before) = document.store.locate(UInt32(unit), in: handle.branch)
        position.item = document.store.id(of: item)
        position.item?.clock += UInt32(unit) - before
        return position
    }
}

extension Document {
    /// Where a position is now, or nil when what it names is not here (yet) or was collected.
    ///
    /// With `followsUndo` a position in deleted content moves on to what an undo has written in its place. Only the one
    /// who undid knows that: leave it out where all have to come to the same result. Logarithmic.
    public func absolutePosition(
        of position: RelativePosition, followsUndo: Bool = true
    ) -> AbsolutePosition? {
        guard let (branch, index) = resolve(position, followsUndo: followsUndo),
            let type = SharedType(branch, in: self)
        else { return nil }
        return AbsolutePosition(type: type, index: index, association: position.association)
    }

    fileprivate func position(of branch: BranchIndex, association: Int) -> RelativePosition {
        let node = store.branches[branch]
        return node.isRoot
            ? RelativePosition(rootName: store.keys.string(node.name), association: association)
            : RelativePosition(type: holderID(of: node), association: association)
    }

    /// The unit that holds a nested type; nil once it was collected.
    private func holderID(of node: Branch) -> ID? {
        node.isCollected ? nil : store.id(of: node.item)
    }

    private func resolve(_ position: RelativePosition, followsUndo: Bool) -> (BranchIndex, Int)? {
        if let id = position.item {
            guard let (item, offset) = find(id, followsUndo: followsUndo) else { return nil }
            let place = store.items[item]
            guard !place.parent.isNone else { return nil }
            guard !isDeleted(place.parent), !place.isInMap else { return (place.parent, 0) }
            var index = Int(store.index(of: item))
            if place.visibleLength > 0 { index += Int(offset) + (position.association >= 0 ? 0 : 1) }
            return (place.parent, index)
        }
        guard let branch = self.branch(of: position, followsUndo: followsUndo) else { return nil }
        return (branch, position.association >= 0 ? Int(store.branches[branch].length) : 0)
    }

    private func branch(of position: RelativePosition, followsUndo: Bool) -> BranchIndex? {
        if let name = position.rootName { return store.roots[store.keys.find(name)] }
        guard let id = position.type, let (item, _) = find(id, followsUndo: followsUndo),
            store.items[item].kind == .type
        else { return nil }
        return BranchIndex(raw: store.items[item].contentOffset)
    }

    private func find(_ id: ID, followsUndo: Bool) -> (item: ItemIndex, offset: UInt32)? {
        let item = store.item(containing: id)
        guard !item.isNone else { return nil }
        return followsUndo ? store.followRedone(id) : (item, id.clock - store.items[item].clock)
    }
}
