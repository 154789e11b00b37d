/// A handle of a shared type: what all kinds have in common.
///
/// A handle is small and may be copied. It stays valid for the life of the document; once its type is deleted, reading finds
/// nothing and writing throws ``DocumentError/deleted``. Two handles are equal when they are of the same type.
public protocol SharedHandle {
    /// The type, told by its kind.
    var type: SharedType { get }
}

extension SharedHandle {
    /// Whether the type was deleted, alone or with what holds it.
    public var isDeleted: Bool {
        let handle = type.handle
        return handle.document.isDeleted(handle.branch)
    }

    /// The type that holds this one; nil for a root.
    public var parent: SharedType? {
        let handle = type.handle
        let item = handle.node.item
        // The item's place may be another's by now when the type was collected.
        guard !handle.node.isCollected, !item.isNone, !handle.document.store.items[item].parent.isNone else {
            return nil
        }
        return SharedType(handle.document.store.items[item].parent, in: handle.document)
    }

    /// The name of a root; nil for a nested type.
    public var rootName: String? {
        let handle = type.handle
        return handle.node.isRoot ? handle.document.store.keys.string(handle.node.name) : nil
    }

    /// The content as a plain value, as `toJSON` of Yjs makes it.
    ///
    /// Lists become arrays, maps and hooks objects, texts and XML their text; a nested document becomes an object of its
    /// roots.
    public func toJSON() -> AnyValue {
        switch type {
        case .array(let array): .array(array.values.map { value in value.toJSON() })
        case .map(let map): map.document.fields(of: map.branch)
        case .xmlHook(let hook): hook.document.fields(of: hook.branch)
        case .text(let text): .string(text.string)
        case .xmlElement(let element): .string(element.string)
        case .xmlFragment(let fragment): .string(fragment.string)
        case .xmlText(let text): .string(text.string)
        }
    }
}

extension Document {
    /// Whether a type was deleted, alone or with what holds it.
    @inline(__always)
    func isDeleted(_ branch: BranchIndex) -> Bool {
        let item = store.branches[branch].item
        return store.branches[branch].isCollected || (!item.isNone && store.items[item].isDeleted)
    }

    /// The values of a map as one object.
    fileprivate func fields(of branch: BranchIndex) -> AnyValue {
        let assigned = liveEntries(of: branch).compactMap { entry -> (key: String, value: AnyValue)? in
            // Assigning to it sets an object's prototype in JavaScript, and no field.
            guard entry.key != AnyCodec.prototypeKey, let value = value(of: entry.item) else { return nil }
            return (entry.key, value.toJSON())
        }
        return .object(AnyFields(assigned))
    }

    /// All roots that have a kind as one object, as the deprecated `Doc.toJSON` of Yjs makes it.
    public func toJSON() -> AnyValue {
        let roots = store.rootOrder.compactMap { branch -> (key: String, value: AnyValue)? in
            guard let type = SharedType(branch, in: self) else { return nil }
            return (store.keys.string(store.branches[branch].name), type.toJSON())
        }
        return .object(AnyFields(roots))
    }
}
