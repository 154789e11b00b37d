extension Document {
    /// The root text of a name, made when it is new.
    public func text(_ name: String) -> SharedText {
        SharedText(document: self, branch: root(name, kind: .text))
    }

    /// The branch of a root, made when it is new.
    func root(_ name: String, kind: TypeKind) -> BranchIndex {
        store.root(store.keys.index(of: name), kind: kind)
    }
}
