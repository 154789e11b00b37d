/// What was waited for in vain.
struct WaitError: Error, CustomStringConvertible {
    let description: String
}

/// Waits until a condition holds.
///
/// These tests wait for other processes: there is nothing to wait on but their state.
func eventually(
    within timeout: Duration, _ what: String, details: () -> String = { "" },
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: timeout)
    while try await !condition() {
        guard clock.now < deadline else {
            throw WaitError(description: "not within \(timeout): \(what)\n\(details())")
        }
        try await Task.sleep(for: .milliseconds(10))
    }
}
