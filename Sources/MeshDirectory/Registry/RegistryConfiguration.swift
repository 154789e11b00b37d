/// The settings of a registry's table.
///
/// Source: Specs/registry.md, "Heartbeats".
public struct RegistryConfiguration: Hashable, Sendable {
    /// The least time between two heartbeats of one mesh.
    public var minimumSpacing: Duration = .milliseconds(250)
    /// The most meshes, public or not.
    public var maximumEntries = 4_096
    /// The most bytes of heartbeats that are kept: 32 MiB.
    public var maximumTotalByteCount = 32 << 20
    /// How long after its last heartbeat a mesh is forgotten: 24 hours.
    ///
    /// Longer than the clocks may differ, or a forgotten mesh's last heartbeat could be replayed.
    public var forgetAfterSeconds: UInt64 = 86_400

    /// Creates the default settings.
    public init() {}
}
