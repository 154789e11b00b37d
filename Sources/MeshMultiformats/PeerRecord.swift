import MeshCore

/// Why an envelope holds no peer record of its signer.
public enum PeerRecordError: Error, Hashable, Sendable {
    /// The envelope is wrong, or not signed.
    case badEnvelope(SignedEnvelopeError)
    /// The payload type is neither of the two that are in use.
    case unknownPayloadType([UInt8])
    /// The payload is no valid protobuf.
    case badProtobuf(ProtobufError)
    /// The peer id in the record is none.
    case badPeerID(PeerIDError)
    /// The record is about another peer than its signer.
    case foreignSigner(record: PeerID, signer: PeerID)
}

extension PeerRecordError: CustomStringConvertible {
    /// What is wrong with the record.
    public var description: String {
        switch self {
        case .badEnvelope(let error): "\(error)"
        case .unknownPayloadType(let type):
            "the envelope's payload type \(Hex.encode(type)) is no peer record; ignore it"
        case .badProtobuf(let error): "the peer record is no valid protobuf (\(error)); ignore it"
        case .badPeerID(let error): "the peer record has a bad peer id: \(error); ignore it"
        case .foreignSigner(let record, let signer):
            "the peer record of \(record) is signed by \(signer); ignore it"
        }
    }
}

/// A peer's own statement of its addresses, with a number that grows.
///
/// Source: libp2p/specs RFC 0003, and go-libp2p core/peer/record.go where they differ.
public struct PeerRecord: Hashable, Sendable {
    /// The two envelopes in which the network wraps the same record.
    public enum Form: CaseIterable, Sendable {
        /// That of go-libp2p and js-libp2p, and of rust-libp2p when asked.
        ///
        /// Source: core/peer/record.go, PeerRecordEnvelopeDomain and PeerRecordEnvelopePayloadType.
        case interoperable
        /// That of RFC 0003, which rust-libp2p writes in identify and rendezvous.
        ///
        /// Source: rust-libp2p core/src/peer_record.rs.
        case legacy

        /// The domain that the signature covers.
        public var domain: String {
            switch self {
            case .interoperable: "libp2p-peer-record"
            case .legacy: "libp2p-routing-state"
            }
        }

        /// The payload type: two raw bytes, not a varint, in the interoperable form.
        public var payloadType: [UInt8] {
            switch self {
            case .interoperable: [0x03, 0x01]
            case .legacy: Array("/libp2p/routing-state-record".utf8)
            }
        }
    }

    /// The most addresses that are taken from a record; what follows is ignored.
    public static let maximumAddressCount = 128

    /// The peer whose addresses these are.
    public var peerID: PeerID
    /// Grows with every record of the peer; nothing else may be read into another peer's number.
    public var sequence: UInt64
    /// The addresses, those of unknown protocols left out.
    public var addresses: [Multiaddr]

    /// Creates a record of its parts.
    public init(peerID: PeerID, sequence: UInt64, addresses: [Multiaddr]) {
        self.peerID = peerID
        self.sequence = sequence
        self.addresses = addresses
    }

    /// Decodes the payload of an envelope; addresses that are wrong or of unknown protocols are skipped.
    public init(payload: RawSpan) throws(PeerRecordError) {
        var peer: Range<Int>?
        var sequence: UInt64 = 0
        var addresses: [Multiaddr] = []
        do throws(ProtobufError) {
            var reader = ProtobufReader()
            while let field = try reader.next(in: payload) {
                switch field.number {
                case 1: peer = try field.range(limit: PeerID.maximumByteCount)
                case 2: sequence = try field.varint()
                case 3 where addresses.count < Self.maximumAddressCount:
                    let info = payload.extracting(try field.range())
                    if let address = try Self.address(of: info) { addresses.append(address) }
                default: continue
                }
            }
        } catch {
            throw .badProtobuf(error)
        }
        guard let peer else { throw .badProtobuf(.missingField(1)) }
        do throws(PeerIDError) {
            peerID = try PeerID(multihash: payload.extracting(peer))
        } catch {
            throw .badPeerID(error)
        }
        self.sequence = sequence
        self.addresses = addresses
    }

    private static func address(of info: RawSpan) throws(ProtobufError) -> Multiaddr? {
        var address: Multiaddr?
        var reader = ProtobufReader()
        while let field = try reader.next(in: info) {
            guard field.number == 1 else { continue }
            address = try? Multiaddr(bytes: info.extracting(try field.range()))
        }
        return address
    }

    /// The payload for an envelope.
    public var payload: [UInt8] {
        var writer = ProtobufWriter()
        writer.bytes(1, peerID.multihash)
        writer.varint(2, sequence)
        for address in addresses {
            writer.message(3) { info in info.bytes(1, address.bytes) }
        }
        return writer.bytes
    }

    /// The bytes of the record's envelope, signed by `key`, which must be that of the record's peer.
    public func sealed(by key: IdentityKey, form: Form = .interoperable) -> [UInt8] {
        SignedEnvelope.seal(payload: payload, type: form.payloadType, domain: form.domain, by: key).encoded
    }

    /// Opens an envelope of either form; the signer must be the peer that the record is about.
    public static func open(_ envelope: RawSpan) throws(PeerRecordError) -> (PeerRecord, PublicKey) {
        let opened: SignedEnvelope
        do throws(SignedEnvelopeError) {
            opened = try SignedEnvelope(unverified: envelope)
        } catch {
            throw .badEnvelope(error)
        }
        guard let form = Form.allCases.first(where: { $0.payloadType == opened.payloadType }) else {
            throw .unknownPayloadType(opened.payloadType)
        }
        guard opened.isSigned(for: form.domain) else {
            throw .badEnvelope(.badSignature(domain: form.domain))
        }
        let record = try PeerRecord(payload: opened.payload.span.bytes)
        let signer = opened.publicKey.peerID
        guard record.peerID == signer else {
            throw .foreignSigner(record: record.peerID, signer: signer)
        }
        return (record, opened.publicKey)
    }

    /// Opens an envelope of either form; the signer must be the peer that the record is about.
    public static func open(_ envelope: [UInt8]) throws(PeerRecordError) -> (PeerRecord, PublicKey) {
        try open(envelope.span.bytes)
    }
}
