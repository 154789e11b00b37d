import MeshNode

/// A running node, reached over the control socket in its home.
public struct ControlClient: MeshService {
    /// How long the calls may take.
    public struct Deadlines: Sendable {
        /// For `status`, which waits for nobody.
        public var status: Duration = .seconds(5)
        /// For lookups and stores, whose own deadlines are shorter.
        public var lookup: Duration = .seconds(180)
        /// For `dial`, besides its pings.
        public var dial: Duration = .seconds(120)
        /// For each ping of a `dial`.
        public var ping: Duration = .seconds(10)

        /// Creates the defaults.
        public init() {}
    }

    private struct NoBody: Encodable, Sendable {}

    private let socketPath: String
    private let displayedPath: String
    private let deadlines: Deadlines

    /// Creates a client; nothing is sent before the first call.
    ///
    /// Messages name `displayedPath`, when the path of the socket is good only in this process.
    public init(socketPath: String, displayedPath: String? = nil, deadlines: Deadlines = Deadlines()) {
        self.socketPath = socketPath
        self.displayedPath = displayedPath ?? socketPath
        self.deadlines = deadlines
    }

    /// Whether a node answers on the socket.
    ///
    /// A stale socket of a process that is gone is no node.
    public func isAnswering() async throws -> Bool {
        do {
            _ = try await status()
            return true
        } catch let failure as MeshFailure where failure.code == .noNode {
            return false
        }
    }

    /// Who the node is and how it is doing.
    public func status() async throws -> StatusReport {
        try await call("/v1/status", NoBody?.none, deadline: deadlines.status)
    }

    /// Connects to a target, pings it and says what happened on the way.
    public func dial(_ request: DialRequest) async throws -> DialReport {
        let pings = deadlines.ping * min(max(request.count, 0), 10_000)
        return try await call("/v1/dial", request, deadline: deadlines.dial + pings)
    }

    /// Looks something up in the DHT or the directory.
    public func find(_ request: FindRequest) async throws -> FindReport {
        try await call("/v1/find", request, deadline: deadlines.lookup)
    }

    /// Stores a value in the DHT.
    public func put(_ request: PutRequest) async throws -> StoreReport {
        try await call("/v1/put", request, deadline: deadlines.lookup)
    }

    /// Announces the node as a provider of a key.
    public func provide(_ request: ProvideRequest) async throws -> StoreReport {
        try await call("/v1/provide", request, deadline: deadlines.lookup)
    }

    /// The meshes that registries list.
    public func meshes(_ request: MeshesRequest) async throws -> MeshesReport {
        try await call("/v1/meshes", request, deadline: deadlines.lookup)
    }

    private func call<Question: Encodable & Sendable, Answer: Decodable>(
        _ path: String, _ question: Question?, deadline: Duration
    ) async throws -> Answer {
        let exchange = HTTPExchange(
            target: .unixSocket(path: socketPath), host: "localhost", method: question == nil ? .GET : .POST,
            path: path, body: try question.map { try JSONText.encode($0) } ?? [], deadline: deadline,
            maximumAnswerBytes: Self.maximumAnswerBytes)
        let answer: HTTPExchange.Answer
        do {
            answer = try await exchange.perform()
        } catch let error as HTTPClientError {
            throw failure(error)
        }
        if answer.status == 200, let value = try? JSONText.decode(Answer.self, from: answer.body) {
            return value
        }
        if let body = try? JSONText.decode(FailureBody.self, from: answer.body) { throw body.error }
        throw MeshFailure(
            .internal, "the node's answer to \(path) (status \(answer.status)) is not understood",
            next: "is the running node another version of meshp2p?")
    }

    private func failure(_ error: HTTPClientError) -> MeshFailure {
        switch error {
        case .notListening:
            MeshFailure(
                .noNode, "no node answers on \(displayedPath)", next: "start one with `meshp2p run`")
        case .connection(let why):
            MeshFailure(
                .noNode, "the connection to the node on \(displayedPath) failed: \(why)",
                next: "does the node still run? `meshp2p status` tells")
        case .incompleteAnswer:
            MeshFailure(
                .noNode, "the node on \(displayedPath) closed the connection before it answered",
                next: "it is stopping or has crashed; see its log")
        case .answerTooLarge(let limit):
            MeshFailure(.limit, "the node's answer is larger than \(limit) bytes")
        case .timedOut(let deadline):
            MeshFailure(
                .timedOut,
                "the node on \(displayedPath) has not answered for \(deadline.components.seconds) s",
                next: "see its log")
        }
    }

    /// Bytes of an answer at most: a value, or some thousand meshes.
    private static let maximumAnswerBytes = 8 * 1024 * 1024
}
