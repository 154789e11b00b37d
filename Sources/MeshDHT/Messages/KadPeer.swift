import MeshCore
import MeshMultiformats

/// How a peer says that it is connected to another one.
///
/// Source: libp2p kad-dht, `Message.ConnectionType`.
public enum KadConnection: UInt8, Hashable, Sendable {
    /// No connection, and no reason to believe that one is possible.
    case notConnected = 0
    /// There is a connection now.
    case connected = 1
    /// There was a connection lately.
    case canConnect = 2
    /// Connecting failed lately.
    case cannotConnect = 3
}

/// A peer and its addresses, as routing tables hold them and messages carry them.
///
/// One reference and one byte: copies share the identity and the addresses, so that the tables of a million
/// simulated nodes fit in memory and handing out twenty peers copies no address.
public struct KadPeer: Sendable {
    /// What copies of one peer share; it never changes.
    final class Storage: Sendable {
        let id: PeerID
        let addresses: [Multiaddr]
        /// Where the addresses lie, told once because tables and lookups ask often.
        let group: AddressGroup

        /// The number of addresses, up to 255: they lie elsewhere in memory.
        let addressCount: UInt8

        init(id: PeerID, addresses: [Multiaddr]) {
            self.id = id
            self.addresses = addresses
            addressCount = UInt8(clamping: addresses.count)
            group = AddressGroup(addresses)
        }
    }

    let storage: Storage
    /// What the sender of a message says about its connection to the peer.
    public var connection: KadConnection

    /// Creates a peer with the addresses under which it can be dialled.
    public init(id: PeerID, addresses: [Multiaddr], connection: KadConnection = .notConnected) {
        storage = Storage(id: id, addresses: addresses)
        self.connection = connection
    }

    init(storage: Storage) {
        self.storage = storage
        connection = .notConnected
    }

    /// The peer's identity.
    public var id: PeerID { storage.id }

    /// The peer's addresses, without any order of preference.
    public var addresses: [Multiaddr] { storage.addresses }

    /// The peer's place in the key space: the SHA-256 of its identity.
    public var kadKey: Bytes32 { storage.id.kadKey }

    /// `address` without the peer's own name at its end, or nil when it leads to another peer or nowhere.
    ///
    /// py-libp2p names the peer in every address; go-libp2p and we do not.
    static func dialable(_ address: Multiaddr, of id: PeerID) -> Multiaddr? {
        guard let named = address.peerID else { return address.isEmpty ? nil : address }
        guard named == id else { return nil }
        let bare = address.withoutPeer
        return bare.isEmpty ? nil : bare
    }

    /// The same peer with other addresses.
    public func withAddresses(_ addresses: [Multiaddr]) -> KadPeer {
        KadPeer(id: id, addresses: addresses, connection: connection)
    }
}

extension KadPeer: Hashable {
    /// Compares identity, addresses and connection.
    public static func == (left: KadPeer, right: KadPeer) -> Bool {
        left.connection == right.connection
            && (left.storage === right.storage
                || (left.id == right.id && left.addresses == right.addresses))
    }

    /// Hashes the identity.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(id)
    }
}
