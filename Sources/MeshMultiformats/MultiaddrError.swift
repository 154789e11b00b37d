import MeshCore

/// Why bytes or text are not a multiaddr, and where.
public enum MultiaddrError: Error, Hashable, Sendable {
    /// No component at all.
    case empty
    /// More bytes than the limit, of the packed form or of the text.
    case tooLong(byteCount: Int, limit: Int)
    /// More components than the limit.
    case tooManyComponents(limit: Int)
    /// The text does not start with a slash.
    case missingSlash
    /// The code or length at byte `offset` is no minimal varint.
    case badVarint(VarintError, offset: Int)
    /// No protocol with this code is known.
    case unknownCode(UInt64, offset: Int)
    /// No protocol with this name is known.
    case unknownName(String, offset: Int)
    /// The bytes end inside the value of the component at byte `offset`.
    case truncated(MultiaddrProtocol, offset: Int)
    /// The text ends, or has an empty value, where the protocol at byte `offset` needs one.
    case missingValue(MultiaddrProtocol, offset: Int)
    /// The value of the component at byte `offset` is not one of its protocol.
    case badValue(MultiaddrProtocol, offset: Int, MultiaddrValueError)
}

/// Why a value does not belong to its protocol.
public enum MultiaddrValueError: Error, Hashable, Sendable {
    /// Not four decimal numbers up to 255 without leading zeros.
    case notIP4
    /// Not an IPv6 address.
    case notIP6
    /// Not a decimal number up to `maximum`.
    case notNumber(maximum: UInt64)
    /// Not a peer id.
    case notPeerID(PeerIDError)
    /// Not multibase text.
    case notMultibase(MultibaseError)
    /// Not a multihash.
    case notMultihash(MultihashError)
    /// Empty, not UTF-8, or with a slash, a space or a control character.
    case notName
    /// A name longer than DNS has.
    case nameTooLong(byteCount: Int, limit: Int)
    /// Not an absolute path.
    case notPath
    /// Followed by another component, which the text of a path would swallow.
    case notLast
    /// A percent sign without two hexadecimal digits behind it.
    case badPercentEncoding
}

extension MultiaddrError: CustomStringConvertible {
    /// What is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .empty: "the multiaddr is empty; write one like /ip4/192.0.2.1/tcp/4001"
        case .tooLong(let byteCount, let limit):
            "the multiaddr has \(byteCount) bytes, more than the limit of \(limit); shorten it"
        case .tooManyComponents(let limit):
            "the multiaddr has more than \(limit) components; shorten it"
        case .missingSlash: "a multiaddr starts with a slash; write one like /ip4/192.0.2.1/tcp/4001"
        case .badVarint(let error, let offset):
            "the multiaddr has a bad varint at byte \(offset) (\(error)); get it again from its source"
        case .unknownCode(let code, let offset):
            "the multiaddr has the unknown protocol code \(code) at byte \(offset); skip this address"
        case .unknownName(let name, let offset):
            // Quoted and escaped: the name may come from a stranger's TXT record.
            "the multiaddr has the unknown protocol \(name.debugDescription) at byte \(offset); check its spelling"
        case .truncated(let proto, let offset):
            "the multiaddr ends inside the value of \(proto) (code \(proto.rawValue)) at byte \(offset); "
                + "get it again from its source"
        case .missingValue(let proto, let offset):
            "\(proto) (code \(proto.rawValue)) at byte \(offset) has no value; write /\(proto)/\(proto.example)"
        case .badValue(let proto, let offset, let error):
            "the value of \(proto) (code \(proto.rawValue)) at byte \(offset) is wrong: \(error); "
                + "write /\(proto)/\(proto.example)"
        }
    }
}

extension MultiaddrValueError: CustomStringConvertible {
    /// What is wrong with the value.
    public var description: String {
        switch self {
        case .notIP4: "not an IPv4 address"
        case .notIP6: "not an IPv6 address"
        case .notNumber(let maximum): "not a number from 0 to \(maximum)"
        case .notPeerID(let error): "\(error)"
        case .notMultibase(let error): "\(error)"
        case .notMultihash(let error): "\(error)"
        case .notName: "a name must be UTF-8 without slashes, spaces and control characters"
        case .nameTooLong(let byteCount, let limit):
            "a name of \(byteCount) bytes is longer than the limit of \(limit)"
        case .notPath: "not an absolute path"
        case .notLast: "a path takes everything behind it, no component may follow"
        case .badPercentEncoding: "a percent sign needs two hexadecimal digits behind it"
        }
    }
}
