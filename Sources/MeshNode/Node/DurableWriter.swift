import Logging
import NIOCore

/// Commits storage changes and lets what depends on them go on when they are durable.
///
/// Changes that arrive while a transaction runs share the next one. Belongs to the node's event loop.
final class DurableWriter {
    typealias Completion = (Result<Void, MeshFailure>) -> Void

    /// Changes that may wait; beyond this a change fails at once, so a slow disk cannot take the memory.
    static let maximumPendingCount = 1 << 16

    private let storage: any NodeStorage
    private let loop: any EventLoop
    private let logger: Logger
    private var pending: [StorageChange] = []
    private var waiting: [Completion] = []
    private var isCommitting = false
    private var idleWaiters: [() -> Void] = []

    init(storage: any NodeStorage, loop: any EventLoop, logger: Logger) {
        self.storage = storage
        self.loop = loop
        self.logger = logger
    }

    /// Makes `changes` durable, then calls `completion`.
    func commit(_ changes: [StorageChange], completion: @escaping Completion) {
        guard pending.count + changes.count <= Self.maximumPendingCount else {
            return completion(.failure(MeshFailure(.limit, "too many changes wait for the disk")))
        }
        pending += changes
        waiting.append(completion)
        start()
    }

    /// Makes `changes` durable when there is time; a failure is logged.
    func commit(_ changes: [StorageChange]) {
        guard !changes.isEmpty else { return }
        commit(changes) { _ in }
    }

    /// Calls `body` when nothing waits any more.
    func whenIdle(_ body: @escaping () -> Void) {
        guard isCommitting else { return body() }
        idleWaiters.append(body)
    }

    private func start() {
        guard !isCommitting, !waiting.isEmpty else { return }
        isCommitting = true
        let changes = pending
        let bound = NIOLoopBound((self, waiting), eventLoop: loop)
        pending = []
        waiting = []
        let storage = self.storage
        loop.makeFutureWithTask { try await storage.commit(changes) }.whenComplete { result in
            let (writer, completions) = bound.value
            writer.finished(result.mapError { Self.failure($0) }, completions)
        }
    }

    private func finished(_ result: Result<Void, MeshFailure>, _ completions: [Completion]) {
        isCommitting = false
        if case .failure(let failure) = result { logger.error("storage: \(failure.message)") }
        for completion in completions { completion(result) }
        start()
        guard !isCommitting else { return }
        let waiters = idleWaiters
        idleWaiters = []
        for waiter in waiters { waiter() }
    }

    private static func failure(_ error: any Error) -> MeshFailure {
        error as? MeshFailure ?? MeshFailure(.storage, "cannot write the node's data: \(error)")
    }
}
