/// What `bench crypto` prints.
public struct CryptoReport: Codable, Sendable {
    /// One primitive at one size.
    public struct Case: Codable, Sendable {
        /// The primitive by its name, such as `noise-xx`.
        public var primitive: String
        /// The bytes that one operation takes; absent when it takes none.
        public var byteCount: Int?
        /// The library that was asked for by name; absent when the size decides.
        public var backend: String?
        /// Processor time of one operation: the median of the batches.
        public var nanoseconds: Double
        /// The same in the fastest batch.
        public var nanosecondsMinimum: Double
        /// 10^6 bytes a second at the median; absent without a size.
        public var megabytesPerSecond: Double?
        /// How often it was done.
        public var repetitions: Int
    }

    /// Always `crypto`.
    public var benchmark = "crypto"
    /// Processor time that each case was given.
    public var millisecondsEach: Int
    /// The load of the machine when it began.
    public var loadAverage: Double
    /// The primitives, each at its sizes.
    public var cases: [Case]
}
