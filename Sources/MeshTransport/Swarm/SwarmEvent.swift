import MeshConnection

/// What a swarm tells its owner.
public enum SwarmEvent {
    /// A connection to an authenticated peer is ready.
    case connected(PeerConnection)
    /// The peer said who it is and what it speaks, or said something new.
    case identified(PeerConnection)
    /// A connection that was ready has ended.
    case disconnected(PeerConnection, ConnectionError?)
    /// A connection ended before it was ready.
    case handshakeFailed(PeerConnection, ConnectionError?)
}
