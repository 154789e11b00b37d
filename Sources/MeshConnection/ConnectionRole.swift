/// Which side of a connection this is.
///
/// The dialer speaks first: it proposes protocols, is the Noise initiator and opens streams with odd ids.
@frozen
public enum ConnectionRole: Hashable, Sendable {
    /// This side opened the connection.
    case dialer
    /// This side accepted the connection.
    case listener
}
