#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension Console {
    /// Runs `work`; when it takes longer than a second, a line on the terminal says what is waited for.
    func waiting<Result: Sendable>(
        for what: String, _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        guard showsProgress else { return try await work() }
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                await drawProgress(what)
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result {
                    group.cancelAll()
                    try await group.waitForAll()
                    return result
                }
            }
            throw CancellationError()
        }
    }

    /// Draws until the task is cancelled, then wipes the line.
    private func drawProgress(_ what: String) async {
        let start = ContinuousClock.now
        guard (try? await Task.sleep(for: .seconds(1))) != nil else { return }
        let text = Shortened.address(what, peer: nil, width: errorLayout.width - 12)
        repeat {
            let seconds = (ContinuousClock.now - start).components.seconds
            draw("\r\u{1b}[K\(errorLayout.style.dim("\(text)  \(seconds) s"))")
        } while (try? await Task.sleep(for: .seconds(1))) != nil
        draw("\r\u{1b}[K")
    }

    private func draw(_ text: String) {
        try? Self.write(Array(text.utf8), to: STDERR_FILENO)
    }
}
