import MeshCore
import MeshMultiformats

/// The DHT keys of mesh records: `/mesh/` and the multihash of a peer id.
public enum MeshRecordKey {
    /// The key of the record of `peer`.
    public static func bytes(for peer: PeerID) -> [UInt8] {
        MeshRecordLimits.keyPrefix + peer.multihash
    }

    /// The peer whose record belongs under `key`.
    public static func peer(of key: [UInt8]) throws(MeshRecordError) -> PeerID {
        let prefix = MeshRecordLimits.keyPrefix
        guard key.starts(with: prefix), key.count <= prefix.count + MeshRecordLimits.peerIDByteCount else {
            throw .badKey
        }
        let multihash = key.span.bytes.extracting(prefix.count..<key.count)
        do { return try PeerID(multihash: multihash) } catch { throw .badKey }
    }
}
