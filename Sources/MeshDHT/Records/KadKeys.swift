import MeshCore
import MeshCrypto

/// The way from raw keys into the key space.
enum KadKeys {
    /// The place of `key`: its SHA-256.
    ///
    /// Source: libp2p kad-dht, "Distance".
    static func place(of key: [UInt8]) -> Bytes32 { SHA256.hash(key) }
}
