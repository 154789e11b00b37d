/// The roots of a document, each made when it is first asked for.
///
/// A root keeps the kind under which it was first asked for. Asking for it as another kind gives a handle that works on the
/// same list and map, as in yrs, where Yjs throws; what the other kind does not know is left alone by it.
extension Document {
    /// The root text of a name.
    public func text(_ name: String) -> SharedText {
        SharedText(document: self, branch: root(name, kind: .text))
    }

    /// The root array of a name.
    public func array(_ name: String) -> SharedArray {
        SharedArray(document: self, branch: root(name, kind: .array))
    }

    /// The root map of a name.
    public func map(_ name: String) -> SharedMap {
        SharedMap(document: self, branch: root(name, kind: .map))
    }

    /// The root XML fragment of a name.
    public func xmlFragment(_ name: String) -> XmlFragment {
        XmlFragment(document: self, branch: root(name, kind: .xmlFragment))
    }

    /// The root XML element of a name, whose node name is `UNDEFINED`.
    public func xmlElement(_ name: String) -> XmlElement {
        XmlElement(document: self, branch: root(name, kind: .xmlElement))
    }

    /// The root XML text of a name.
    public func xmlText(_ name: String) -> XmlText {
        XmlText(document: self, branch: root(name, kind: .xmlText))
    }

    /// The root of a name as what it was first asked for.
    ///
    /// Nil when there is none, or when only updates have mentioned it: they do not tell the kind of a root.
    public func root(_ name: String) -> SharedType? {
        let key = store.keys.find(name)
        guard !key.isNone, let branch = store.roots[key] else { return nil }
        return SharedType(branch, in: self)
    }

    /// The branch of a root, made when it is new.
    func root(_ name: String, kind: TypeKind) -> BranchIndex {
        store.root(store.keys.index(of: name), kind: kind)
    }
}
