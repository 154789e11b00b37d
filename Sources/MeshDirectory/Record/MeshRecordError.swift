import MeshCore
import MeshMultiformats

/// Why bytes are not a valid mesh record.
public enum MeshRecordError: Error, Hashable, Sendable {
    /// The envelope is longer than the limit.
    case tooLarge(byteCount: Int, limit: Int)
    /// The envelope is not one, or its signature, domain or type is wrong.
    case badEnvelope(SignedEnvelopeError)
    /// The payload is not a protobuf of the schema.
    case malformed(ProtobufError)
    /// A singular field occurs twice.
    case repeatedField(Int)
    /// The peer id is not one.
    case badPeerID
    /// The signing key has no did:key, or the record carries another DID.
    case wrongDID
    /// The peer id is not that of the signing key.
    case wrongPeer(expected: PeerID, actual: PeerID)
    /// The name breaks a rule.
    case badName(DirectoryNameError)
    /// A capability breaks a rule.
    case badCapability(DirectoryNameError)
    /// The capabilities are not in strictly ascending order.
    case unsortedCapabilities
    /// The version is empty, too long or not printable ASCII.
    case badVersion
    /// An address ends in the id of another peer.
    case addressOfAnotherPeer(Multiaddr)
    /// `issued` is not before `expires`, or too long before it.
    case badLifetime(issued: UnixTime, expires: UnixTime)
    /// The key is not `/mesh/` and a peer id.
    case badKey
    /// The record belongs under the key of another peer.
    case wrongKey(expected: PeerID, actual: PeerID)
    /// The record is no longer valid.
    case expired(at: UnixTime)
    /// The record is valid for longer than the limit.
    case expiresTooLate(UnixTime)
    /// The record was issued too far ahead of our clock.
    case issuedInFuture(UnixTime)
}

extension MeshRecordError: CustomStringConvertible {
    /// One sentence that says what is wrong with what.
    public var description: String {
        switch self {
        case .tooLarge(let byteCount, let limit): "mesh record of \(byteCount) bytes exceeds \(limit)"
        case .badEnvelope(let error): "the mesh record's envelope is not valid: \(error)"
        case .malformed(let error): "the mesh record is malformed: \(error)"
        case .repeatedField(let field): "field \(field) of the mesh record occurs twice"
        case .badPeerID: "the mesh record has no valid peer id"
        case .wrongDID: "the mesh record's DID is not that of the key that signed it"
        case .wrongPeer(let expected, let actual):
            "the mesh record names the peer \(actual), but \(expected) signed it"
        case .badName(let error): "the mesh record's name is not valid: \(error)"
        case .badCapability(let error): "a capability of the mesh record is not valid: \(error)"
        case .unsortedCapabilities: "the mesh record's capabilities are not in ascending order"
        case .badVersion: "the mesh record's version is not 1 to 64 printable ASCII bytes"
        case .addressOfAnotherPeer(let address): "the mesh record's address \(address) is of another peer"
        case .badLifetime(let issued, let expires):
            "the mesh record is issued at \(issued.rfc3339) and expires at \(expires.rfc3339); at most 48 hours "
                + "may lie between"
        case .badKey: "the key is not /mesh/ followed by a peer id"
        case .wrongKey(let expected, let actual):
            "the key is of \(expected), but the mesh record of \(actual)"
        case .expired(let time): "the mesh record expired at \(time.rfc3339)"
        case .expiresTooLate(let time):
            "the mesh record expires at \(time.rfc3339), more than 48 hours from now"
        case .issuedInFuture(let time):
            "the mesh record was issued at \(time.rfc3339), in our future; compare the clocks"
        }
    }
}
