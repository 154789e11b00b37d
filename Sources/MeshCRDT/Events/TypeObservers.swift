/// Who observes which shared type.
struct TypeObservers {
    var isEmpty: Bool { true }
}

extension Document {
    /// Tells the observers of every type that a transaction changed.
    func callObservers(of transaction: Transaction) {}
}
