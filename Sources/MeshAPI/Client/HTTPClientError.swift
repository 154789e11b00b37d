/// Why one HTTP exchange failed.
enum HTTPClientError: Error, Equatable {
    /// Nobody listens there: connection refused, or no such socket.
    case notListening
    /// The connection could not be made or broke.
    case connection(String)
    /// The answer is longer than allowed.
    case answerTooLarge(limit: Int)
    /// The answer is no complete HTTP answer.
    case incompleteAnswer
    /// The deadline passed.
    case timedOut(Duration)
}
