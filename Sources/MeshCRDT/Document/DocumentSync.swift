extension Document: SyncDocument {
    /// The state vector as it goes to peers.
    public var encodedStateVector: [UInt8] { stateVector.encoded() }

    /// What a document with the encoded state vector lacks, in the first format.
    ///
    /// Throws when the state vector is malformed or beyond the limits.
    public func encodeStateAsUpdate(since stateVector: [UInt8]) throws(UpdateError) -> [UInt8] {
        encodeStateAsUpdate(.v1, since: try StateVector(decoding: stateVector, limits: limits))
    }

    /// Takes in a peer's update of the first format.
    ///
    /// Throws when the bytes are malformed or beyond the limits; the document is then as before.
    public func apply(_ update: [UInt8], from origin: String) throws(UpdateError) {
        try apply(update, format: .v1, origin: origin)
    }
}
