extension Document {
    /// Tells of nested documents that a transaction added, removed or asked for.
    func sendSubdocuments(of transaction: Transaction) {}
}
