import MeshCore
import MeshCrypto

/// Why bytes are not an envelope that its key signed.
public enum SignedEnvelopeError: Error, Hashable, Sendable {
    /// The protobuf itself is broken, or a field is missing or too long.
    case badProtobuf(ProtobufError)
    /// The public key in it is wrong.
    case badPublicKey(PublicKeyError)
    /// The payload is of another type than the one that is wanted here.
    case wrongPayloadType([UInt8])
    /// The signature is not that of the key over the domain, the type and the payload.
    case badSignature(domain: String)
}

extension SignedEnvelopeError: CustomStringConvertible {
    /// What is wrong with the envelope.
    public var description: String {
        switch self {
        case .badProtobuf(let error): "the signed envelope is no valid protobuf (\(error)); ignore it"
        case .badPublicKey(let error): "the signed envelope has a bad key: \(error); ignore it"
        case .wrongPayloadType(let type):
            "the signed envelope holds the payload type \(Hex.encode(type)), not the one wanted; ignore it"
        case .badSignature(let domain):
            "the signature of the envelope is wrong for the domain \(domain); ignore it"
        }
    }
}

/// A payload with its type, signed by a peer's key for one purpose, the domain.
///
/// Source: libp2p/specs RFC 0002 (signed envelopes).
public struct SignedEnvelope: Hashable, Sendable {
    /// The longest payload that is decoded.
    public static let maximumPayloadByteCount = 1 << 16
    /// The longest payload type that is decoded.
    public static let maximumTypeByteCount = 256
    /// The longest signature: RSA with 8,192 bits.
    public static let maximumSignatureByteCount = 1024
    /// The longest public key with its framing.
    static let maximumKeyByteCount = 1200

    /// The signer's key.
    public let publicKey: PublicKey
    /// What the payload is; an agreed byte string.
    public let payloadType: [UInt8]
    /// The signed content.
    public let payload: [UInt8]
    /// The signature over domain, type and payload.
    public let signature: [UInt8]

    private init(publicKey: PublicKey, payloadType: [UInt8], payload: [UInt8], signature: [UInt8]) {
        self.publicKey = publicKey
        self.payloadType = payloadType
        self.payload = payload
        self.signature = signature
    }

    /// Signs `payload` for `domain` with `key`.
    public static func seal(
        payload: [UInt8], type: [UInt8], domain: String, by key: IdentityKey
    ) -> SignedEnvelope {
        let message = signedBytes(domain: domain, type: type, payload: payload)
        return SignedEnvelope(
            publicKey: key.publicKey, payloadType: type, payload: payload, signature: key.sign(message))
    }

    /// Decodes `bytes`, checks the payload's type when one is wanted, and verifies the signature for `domain`.
    public static func open(
        _ bytes: RawSpan, domain: String, type: [UInt8]? = nil
    ) throws(SignedEnvelopeError) -> SignedEnvelope {
        let envelope = try SignedEnvelope(unverified: bytes)
        if let type, envelope.payloadType != type { throw .wrongPayloadType(envelope.payloadType) }
        guard envelope.isSigned(for: domain) else { throw .badSignature(domain: domain) }
        return envelope
    }

    /// Decodes `bytes` without a look at the signature, when the type decides the domain.
    public init(unverified bytes: RawSpan) throws(SignedEnvelopeError) {
        var key: Range<Int>?
        var type: [UInt8]?
        var payload: [UInt8]?
        var signature: [UInt8]?
        do throws(ProtobufError) {
            var reader = ProtobufReader()
            while let field = try reader.next(in: bytes) {
                switch field.number {
                case 1: key = try field.range(limit: Self.maximumKeyByteCount)
                case 2: type = try field.bytes(of: bytes, limit: Self.maximumTypeByteCount)
                case 3: payload = try field.bytes(of: bytes, limit: Self.maximumPayloadByteCount)
                case 5: signature = try field.bytes(of: bytes, limit: Self.maximumSignatureByteCount)
                default: continue
                }
            }
        } catch {
            throw .badProtobuf(error)
        }
        guard let key else { throw .badProtobuf(.missingField(1)) }
        guard let type else { throw .badProtobuf(.missingField(2)) }
        guard let payload else { throw .badProtobuf(.missingField(3)) }
        guard let signature else { throw .badProtobuf(.missingField(5)) }
        let publicKey: PublicKey
        do throws(PublicKeyError) {
            publicKey = try PublicKey(protobuf: bytes.extracting(key))
        } catch {
            throw .badPublicKey(error)
        }
        self.init(publicKey: publicKey, payloadType: type, payload: payload, signature: signature)
    }

    /// Whether the signature is that of the key for `domain`.
    public func isSigned(for domain: String) -> Bool {
        let message = Self.signedBytes(domain: domain, type: payloadType, payload: payload)
        return publicKey.verify(signature: signature.span.bytes, of: message.span.bytes)
    }

    /// The protobuf form.
    public var encoded: [UInt8] {
        var writer = ProtobufWriter()
        writer.bytes(1, publicKey.protobuf)
        writer.bytes(2, payloadType)
        writer.bytes(3, payload)
        writer.bytes(5, signature)
        return writer.bytes
    }

    /// Domain, type and payload, each behind its length.
    static func signedBytes(domain: String, type: [UInt8], payload: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(domain.utf8.count + type.count + payload.count + 9)
        for part in [Array(domain.utf8), type, payload] {
            Varint.append(UInt64(part.count), to: &bytes)
            bytes += part
        }
        return bytes
    }
}
