import MeshMultiformats
import NIOCore

/// A carrier of byte streams that a connection machine is run over.
///
/// TCP is one; others are added to the swarm.
protocol StreamTransport: AnyObject {
    /// The name that reports show.
    var name: String { get }
    /// Whether the transport speaks `address`.
    func speaks(_ address: Multiaddr) -> Bool
    /// Opens a channel to `address`; fails with ``TransportError``.
    func dial(_ address: Multiaddr, timeout: Duration) -> EventLoopFuture<any Channel>
    /// Listens on `address` and hands every accepted channel to `accept` before it reads.
    func listen(
        _ address: Multiaddr, accept: @escaping (any Channel) -> Void
    ) -> EventLoopFuture<any Channel>
}
