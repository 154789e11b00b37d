import MeshMultiformats

/// Why an answerer does not answer a request; the raw values are those of the wire.
public enum DatagramRefusal: UInt8, Hashable, Sendable {
    /// The request cannot be read.
    case invalid = 1
    /// The request or its response does not fit in datagrams: a stream takes it.
    case tooLarge = 2
    /// The answerer is over a limit; later, or somebody else.
    case busy = 3
}

/// Why a request has no response.
public enum DatagramFailure: Error, Hashable, Sendable {
    /// Nothing came back, neither to the handshake nor to the request.
    case timedOut
    /// The peer refused, or the request is too large for datagrams.
    case refused(DatagramRefusal)
    /// Somebody else answers at the address; nothing that shows who asked was sent.
    case wrongPeer(PeerID)
    /// The peer belongs to another network.
    case wrongNetwork
    /// The peer's proof of identity is malformed or false.
    case badHandshake
    /// The peer speaks another version of the protocol.
    case incompatible
    /// A limit of ours is reached.
    case limit
    /// The peer, or this endpoint, shut down.
    case closed
    /// There is no session with the peer and no address to begin one at.
    case noAddress
}

extension DatagramFailure: CustomStringConvertible {
    /// What happened and what to do.
    public var description: String {
        switch self {
        case .timedOut: "no answer over UDP; the peer is gone or its port is closed"
        case .refused(.invalid): "the peer cannot read the request"
        case .refused(.tooLarge): "the message does not fit in datagrams; use a stream"
        case .refused(.busy): "the peer is busy; try later"
        case .wrongPeer(let peer): "the UDP address belongs to \(peer); ask for the current address"
        case .wrongNetwork: "the peer belongs to another network"
        case .badHandshake: "the peer's proof of identity over UDP is not good"
        case .incompatible: "the peer speaks another version of Noise datagrams"
        case .limit: "too many UDP requests wait; try again when some are answered"
        case .closed: "the peer or this node shut down"
        case .noAddress: "there is no UDP address of the peer"
        }
    }
}
