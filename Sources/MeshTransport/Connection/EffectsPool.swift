import MeshConnection

/// Lends effect buffers to the connections of one event loop, so that an idle connection holds none.
final class EffectsPool {
    /// Buffers kept for reuse; two per nested call are in use at a time.
    private static let keptCount = 4
    /// A buffer that grew beyond this is let go: more than a bulk stream fills in one turn of the loop.
    private static let keptByteCount = 1 << 22

    private var free: [ConnectionEffects] = []

    func take() -> ConnectionEffects {
        free.popLast() ?? ConnectionEffects()
    }

    /// Lets the memory of unused buffers go; called now and then, so that it stays while a stream is busy.
    func trim() {
        free.removeAll { $0.arena.capacity + $0.outbound.capacity > 1 << 16 }
    }

    func give(_ effects: consuming ConnectionEffects) {
        guard free.count < Self.keptCount, effects.arena.capacity <= Self.keptByteCount,
            effects.outbound.capacity <= Self.keptByteCount
        else { return }
        effects.removeAll()
        free.append(effects)
    }
}
