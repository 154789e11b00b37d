import MeshCore

/// Takes back local changes of some types, and brings them back, while others go on editing.
///
/// It undoes only what came from the tracked origins. Changes in quick succession become one step; time comes from the
/// closure given at the start. What steps need is protected from garbage collection as long as they are on a stack. It works
/// until ``destroy()`` or until it is released.
///
/// Deviation from Yjs 13.6 `UndoManager`: the stacks are bounded by ``UndoOptions/stackLimit``.
public final class UndoManager {
    /// The document whose changes are taken back.
    public let document: Document
    /// What can be undone, the newest step last.
    public private(set) var undoStack: [UndoStep] = []
    /// What can be redone, the newest step last.
    public private(set) var redoStack: [UndoStep] = []
    /// What is taken back and how.
    public var options: UndoOptions

    private enum Activity {
        case idle
        case undoing
        case redoing
    }

    private let now: () -> Instant
    private var scope: UndoScope
    private var activity = Activity.idle
    /// When the newest step last grew; nil when the next change starts a new one.
    private var lastChange: Instant?
    private var popped: (step: UndoStep, transaction: Transaction)?
    private var listeners = Listeners<UndoEvent>()
    private var subscriptions: [Subscription] = []

    /// Starts to take note of changes in `types`; with none, of all changes of the document.
    ///
    /// `now` tells the time when a change was made.
    public init(
        _ document: Document, types: [any SharedHandle] = [], options: UndoOptions = UndoOptions(),
        now: @escaping () -> Instant
    ) {
        self.document = document
        self.options = options
        self.now = now
        scope = UndoScope([])
        scope.isDocument = types.isEmpty
        for type in types { addToScope(type) }
        subscriptions.append(document.onTransaction(.afterObservers) { [weak self] in self?.capture($0) })
        subscriptions.append(document.onDestroy { [weak self] _ in self?.destroy() })
    }

    deinit {
        for subscription in subscriptions { subscription.cancel() }
    }

    // MARK: Settings

    /// Takes back changes of another type of the document, too.
    public func addToScope(_ type: any SharedHandle) {
        let handle = type.type.handle
        precondition(handle.document === document, "a type of another document")
        scope.insert(handle.branch)
    }

    /// Takes back changes of another origin, too.
    public func addTrackedOrigin(_ origin: AnyHashable?) {
        options.trackedOrigins.insert(origin)
    }

    /// Leaves changes of an origin alone from now on.
    public func removeTrackedOrigin(_ origin: AnyHashable?) {
        options.trackedOrigins.remove(origin)
    }

    /// Calls `body` with everything that happens to the stacks.
    public func onChange(_ body: @escaping (UndoEvent) -> Void) -> Subscription {
        let number = listeners.add(body)
        return Subscription { [weak self] in self?.listeners.remove(number) }
    }

    // MARK: Undo and redo

    /// Whether there is something to undo.
    public var canUndo: Bool { !undoStack.isEmpty }

    /// Whether there is something to redo.
    public var canRedo: Bool { !redoStack.isEmpty }

    /// Takes back the newest step that still has an effect, and returns it; nil when there is none.
    @discardableResult
    public func undo() -> UndoStep? {
        activity = .undoing
        defer { activity = .idle }
        return pop(.undo)
    }

    /// Brings back what the last undo took away, and returns the step; nil when there is none.
    @discardableResult
    public func redo() -> UndoStep? {
        activity = .redoing
        defer { activity = .idle }
        return pop(.redo)
    }

    /// Makes the next change start a new step.
    public func stopCapturing() {
        lastChange = nil
    }

    /// Forgets the steps of the stacks, whose content may then be collected when it is deleted again.
    public func clear(undo: Bool = true, redo: Bool = true) {
        guard (undo && canUndo) || (redo && canRedo) else { return }
        document.transact { _ in
            if undo {
                for step in undoStack { release(step) }
                undoStack = []
            }
            if redo {
                for step in redoStack { release(step) }
                redoStack = []
            }
            listeners.send(.cleared(undo: undo, redo: redo))
        }
    }

    /// Stops taking note of changes.
    public func destroy() {
        for subscription in subscriptions { subscription.cancel() }
        subscriptions = []
    }

    // MARK: Taking note

    private func capture(_ transaction: Transaction) {
        guard options.capturesTransaction(transaction), scope.includes(transaction),
            isTracked(transaction.origin)
        else { return }
        let stack = activity == .undoing ? UndoStack.redo : .undo
        switch activity {
        case .undoing: stopCapturing()
        case .redoing: break
        case .idle: clear(undo: false, redo: true)
        }
        let written = document.store.written(by: transaction.state)
        let deleted = document.store.deleted(by: transaction.state)
        let time = now()
        var event = UndoEvent.added
        if activity == .idle, let lastChange, time.duration(since: lastChange) < options.captureTimeout,
            let last = undoStack.last
        {
            last.deleted.formUnion(deleted)
            last.written.formUnion(written)
            event = UndoEvent.updated
        } else {
            push(UndoStep(written: written, deleted: deleted), on: stack)
        }
        if activity == .idle { lastChange = time }
        document.store.keepItems(in: deleted, scope)
        guard let step = stack == .undo ? undoStack.last : redoStack.last else { return }
        listeners.send(
            event(UndoChange(step: step, stack: stack, origin: transaction.origin, transaction: transaction)))
    }

    private func isTracked(_ origin: AnyHashable?) -> Bool {
        if options.trackedOrigins.contains(origin) { return true }
        guard let origin else { return false }
        return origin == AnyHashable(self)
            || options.trackedOriginTypes.contains { $0 == type(of: origin.base) }
    }

    private func push(_ step: UndoStep, on stack: UndoStack) {
        var dropped: UndoStep?
        switch stack {
        case .undo:
            undoStack.append(step)
            if undoStack.count > max(1, options.stackLimit) { dropped = undoStack.removeFirst() }
        case .redo:
            redoStack.append(step)
            if redoStack.count > max(1, options.stackLimit) { dropped = redoStack.removeFirst() }
        }
        guard let dropped else { return }
        document.transact { _ in release(dropped) }
    }

    /// Ends the protection of what a step deleted.
    private func release(_ step: UndoStep) {
        document.mutate { store in
            for range in step.deleted.ranges {
                store.forEachItem(in: range) { store, item in
                    if scope.includes(item, in: store) { store.keep(item, false) }
                }
            }
        }
    }

    // MARK: Taking back

    private func pop(_ stack: UndoStack) -> UndoStep? {
        popped = nil
        document.transact(origin: AnyHashable(self)) { transaction in
            while popped == nil, let step = takeStep(from: stack) {
                if takeBack(step) { popped = (step, transaction) }
            }
        }
        guard let (step, transaction) = popped else { return nil }
        popped = nil
        listeners.send(
            .popped(UndoChange(step: step, stack: stack, origin: AnyHashable(self), transaction: transaction))
        )
        return step
    }

    private func takeStep(from stack: UndoStack) -> UndoStep? {
        switch stack {
        case .undo: undoStack.popLast()
        case .redo: redoStack.popLast()
        }
    }

    /// Deletes what a step wrote and writes what it deleted; whether that changed anything.
    private func takeBack(_ step: UndoStep) -> Bool {
        let stacks = [undoStack, redoStack]
        return document.mutate { store in
            var isChanged = false
            let itemsToDelete = store.liveItems(writtenBy: step, scope)
            let itemsToRedo = store.itemsToRedo(of: step, scope)
            let context = RedoContext(
                items: Set(itemsToRedo), insertions: step.insertions,
                isDeletedByStep: { id in stacks.contains { $0.contains { $0.deletions.contains(id) } } },
                replacesRemoteValues: options.replacesRemoteMapValues)
            for item in itemsToRedo where !store.redo(item, context).isNone { isChanged = true }
            // From the end, so that children go before what holds them.
            for item in itemsToDelete.reversed() where options.mayDelete(store.undoTarget(item)) {
                store.delete(item)
                isChanged = true
            }
            return isChanged
        }
    }
}

extension UndoManager: Hashable {
    /// Whether both are the same manager.
    public static func == (left: UndoManager, right: UndoManager) -> Bool { left === right }

    /// Mixes the identity into `hasher`.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(self))
    }
}
