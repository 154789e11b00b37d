extension Document {
    /// Removes format markers that a remote transaction left without effect.
    func cleanUpFormatting(after transaction: Transaction) {}
}
