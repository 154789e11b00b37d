import MeshNode

/// A failure as JSON: `{"ok":false,"error":{"code":…,"message":…}}`.
public struct FailureBody: Codable, Sendable {
    /// Always false.
    public var ok = false
    /// The failure.
    public var error: MeshFailure

    /// Wraps a failure.
    public init(_ error: MeshFailure) {
        self.error = error
    }
}
