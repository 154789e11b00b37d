/// What `bench rpc` prints.
public struct RPCReport: Codable, Sendable {
    /// Warm requests of one kind under one load.
    public struct Case: Codable, Sendable {
        /// `echo`: the response is the request; `findNode`: a Kademlia machine answers with its closest peers.
        public var kind: String
        /// Event loops: with one, both ends share a thread.
        public var loops: Int
        /// Requests in flight.
        public var window: Int
        /// Requests that were answered.
        public var requests: Int
        /// Requests that were not.
        public var failures: Int
        /// Datagrams of a request and its response, on average.
        public var datagramsPerRPC: Double
        /// Processor time of both ends, user and system.
        public var cpuMicrosecondsPerRPC: Double
        /// From the request to its response.
        public var roundTripMicroseconds: Percentiles
        /// Requests per second of time.
        public var rpcPerSecond: Double
    }

    /// First requests to a peer without a session.
    public struct Handshake: Codable, Sendable {
        /// Handshakes that were made.
        public var count: Int
        /// Requests that were not answered.
        public var failures: Int
        /// Processor time of both ends, the request included.
        public var cpuMillisecondsPerHandshake: Double
        /// From the request to its response, handshake included.
        public var firstAnswerMilliseconds: Percentiles
    }

    /// Always `rpc`.
    public var benchmark = "rpc"
    /// Bytes of an echo request and of its response.
    public var payload: Int
    /// Whether the requests are encrypted.
    public var encrypted = true
    /// The load of the machine when it began.
    public var loadAverage: Double
    /// The case with the widest window on the fewest loops: what a busy node pays.
    public var cpuMicrosecondsPerRPC: Double
    /// The case with window 1, or the narrowest, on the fewest loops.
    public var roundTripMicroseconds: Percentiles
    /// Of the same case as ``cpuMicrosecondsPerRPC``.
    public var rpcPerSecond: Double
    /// Every load that was measured.
    public var cases: [Case]
    /// First contact: Noise XX, the request in the third message.
    public var cold: Handshake
    /// A peer whose static key is known: Noise IK, the request in the first message.
    public var resumption: Handshake
}
