import MeshCore
import MeshMultiformats

extension RegistryTable {
    /// One page of the public meshes, ordered by the bytes of the normalised name, then of the DID.
    ///
    /// Meshes that are not public appear in no page and no count. O(n log n) in the number of meshes.
    public func listing(_ query: RegistryQuery, now: Instant) -> RegistryPage {
        let matching = publicEntries(now: now).filter { query.matches($0.entry) }
        let sorted = matching.sorted { $0.cursor < $1.cursor }
        let rest = query.cursor.map { cursor in sorted.filter { cursor < $0.cursor } } ?? sorted
        let page = rest.prefix(query.limit)
        return RegistryPage(
            entries: page.map(\.entry), totalCount: matching.count,
            next: rest.count > page.count ? page.last?.cursor : nil)
    }

    /// One mesh, public or not, for the node's own use.
    public func entry(_ peer: PeerID, now: Instant) -> RegistryEntry? {
        rows[peer].map { entry($0, now: now) }
    }

    private func publicEntries(now: Instant) -> [(cursor: RegistryCursor, entry: RegistryEntry)] {
        rows.values.filter(\.heartbeat.heartbeat.isPublic).map { row in
            let entry = entry(row, now: now)
            return (RegistryCursor(entry), entry)
        }
    }

    private func entry(_ row: Row, now: Instant) -> RegistryEntry {
        let heartbeat = row.heartbeat.heartbeat
        let record = row.heartbeat.mesh.record
        return RegistryEntry(
            did: record.did, name: record.name, status: row.offlineDeadline <= now ? .offline : row.status,
            memberCount: heartbeat.memberCount, botCount: heartbeat.botCount,
            lastSeen: row.lastSeen, peer: record.peerID, addresses: record.addresses,
            capabilities: record.capabilities, version: record.version)
    }
}
