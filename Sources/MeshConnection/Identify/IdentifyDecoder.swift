import MeshCore
import MeshMultiformats

/// Reads one identify message from a stream, in any chunking, and merges its parts.
///
/// Of a field that stands once in the schema the last value counts, lists grow, unknown fields are skipped:
/// the rules of protobuf merging, as go-libp2p applies them. A single address, key or protocol name that this
/// node cannot read is left out and the message stays good.
public struct IdentifyDecoder: Sendable {
    private var buffer = DelimitedBuffer(limit: IdentifyConfiguration.maximumPartByteCount)
    private var message = IdentifyMessage()
    private var partCount = 0

    /// Creates a decoder without bytes.
    public init() {}

    /// Takes the next bytes of the stream.
    public mutating func receive(_ bytes: RawSpan) throws(IdentifyError) {
        buffer.append(bytes)
        while let part = try nextPart() {
            guard partCount < IdentifyConfiguration.maximumPartCount else {
                throw .tooManyParts(limit: IdentifyConfiguration.maximumPartCount)
            }
            partCount += 1
            do throws(ProtobufError) {
                try merge(part.span.bytes)
            } catch {
                throw .malformed(error)
            }
        }
    }

    /// The merged message, once the peer has finished writing.
    public func finish() throws(IdentifyError) -> IdentifyMessage {
        guard buffer.pendingByteCount == 0 else { throw .truncated(byteCount: buffer.pendingByteCount) }
        guard partCount > 0 else { throw .empty }
        return message
    }

    private mutating func nextPart() throws(IdentifyError) -> [UInt8]? {
        do throws(DelimitedError) {
            return try buffer.next()
        } catch {
            throw .badLength(error)
        }
    }

    private mutating func merge(_ part: RawSpan) throws(ProtobufError) {
        var reader = ProtobufReader()
        while let field = try reader.next(in: part) {
            switch field.number {
            case IdentifyMessage.Field.publicKey:
                message.publicKey = try? PublicKey(protobuf: part.extracting(try field.range()))
            case IdentifyMessage.Field.listenAddress:
                addAddress(part.extracting(try field.range()))
            case IdentifyMessage.Field.protocolID:
                addProtocol(part.extracting(try field.range()))
            case IdentifyMessage.Field.observedAddress:
                message.observedAddress = try? Multiaddr(bytes: part.extracting(try field.range()))
            case IdentifyMessage.Field.protocolVersion:
                message.protocolVersion = Self.version(part.extracting(try field.range()))
            case IdentifyMessage.Field.agentVersion:
                message.agentVersion = Self.version(part.extracting(try field.range()))
            case IdentifyMessage.Field.signedPeerRecord:
                message.signedPeerRecord = try field.bytes(of: part)
            default:
                break
            }
        }
    }

    private mutating func addAddress(_ bytes: RawSpan) {
        guard message.listenAddresses.count < IdentifyConfiguration.maximumAddressCount,
            let address = try? Multiaddr(bytes: bytes)
        else {
            message.skippedAddressCount += 1
            return
        }
        message.listenAddresses.append(address)
    }

    private mutating func addProtocol(_ bytes: RawSpan) {
        guard message.protocols.count < IdentifyConfiguration.maximumProtocolCount,
            bytes.byteCount <= IdentifyConfiguration.maximumProtocolByteCount,
            let name = String(validating: bytes.array, as: UTF8.self)
        else { return }
        message.protocols.append(name)
    }

    /// The text, cut to its limit; bytes that are not UTF-8 become replacement characters.
    private static func version(_ bytes: RawSpan) -> String {
        let limit = min(bytes.byteCount, IdentifyConfiguration.maximumVersionByteCount)
        return String(decoding: bytes.array(0..<limit), as: UTF8.self)
    }
}
