import MeshConnection

/// Lends effect buffers to the datagram services of one event loop, so that an idle service holds none.
public final class DatagramBuffers {
    /// Buffers kept for reuse; two are in use at a time.
    private static let keptCount = 4

    private var free: [DatagramEffects] = []

    /// Creates an empty store.
    public init() {}

    func take() -> DatagramEffects {
        free.popLast() ?? DatagramEffects()
    }

    /// Takes a buffer back; leaves one without memory.
    func give(_ effects: inout DatagramEffects) {
        guard free.count < Self.keptCount else { return }
        effects.clear()
        free.append(effects)
        effects = DatagramEffects()
    }
}
