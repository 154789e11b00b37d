import MeshCore

/// The messages of multistream-select 1.0: a varint length, UTF-8 text, a line feed.
///
/// Source: multiformats/multistream-select, README.
public enum Multistream {
    /// The first message of either side.
    public static let header = "/multistream/1.0.0"
    /// The listener's answer to a proposal that it does not serve.
    public static let notAvailable = "na"
    /// The dialer's request for the list of protocols.
    public static let list = "ls"

    /// The header as it goes over the wire.
    public static let encodedHeader = encode(header)

    /// The longest message, line feed included, in bytes.
    ///
    /// Source: go-multistream, multistream.go, lpReadBuf.
    public static let maximumMessageByteCount = 1024

    /// How many proposals a listener answers in one negotiation before it gives up.
    ///
    /// The longest list of versions in the field (gossipsub) has four entries.
    public static let maximumProposalCount = 32

    /// Appends `text` as one message.
    public static func append(_ text: String, to output: inout [UInt8]) {
        Varint.append(UInt64(text.utf8.count + 1), to: &output)
        output.append(contentsOf: text.utf8)
        output.append(newline)
    }

    /// `text` as one message.
    public static func encode(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        append(text, to: &bytes)
        return bytes
    }

    /// Whether `protocolID` can be proposed: not empty, no line feed, within the message limit.
    public static func isValid(_ protocolID: String) -> Bool {
        let text = protocolID.utf8
        return !text.isEmpty && text.count < maximumMessageByteCount && !text.contains(newline)
    }

    /// Appends the answer to `ls`: one message whose content is the messages of `protocols`.
    ///
    /// Protocols that would lift the answer over the message limit are left out.
    static func appendList(_ protocols: [String], to output: inout [UInt8]) {
        var content: [UInt8] = []
        for protocolID in protocols {
            let message = encode(protocolID)
            guard content.count + message.count < maximumMessageByteCount else { break }
            content += message
        }
        Varint.append(UInt64(content.count + 1), to: &output)
        output += content
        output.append(newline)
    }

    static let newline: UInt8 = 0x0a
}

/// Takes the multistream-select header byte by byte, so that a foreign protocol is noticed at its first byte.
struct MultistreamHeaderReader: Hashable, Sendable {
    private var matchedByteCount = 0

    /// Takes bytes from `offset`; true once the header is complete, with `offset` right behind it.
    mutating func read(_ bytes: RawSpan, at offset: inout Int) throws(MultistreamError) -> Bool {
        let header = Multistream.encodedHeader
        while matchedByteCount < header.count {
            guard offset < bytes.byteCount else { return false }
            guard bytes.byte(at: offset) == header[matchedByteCount] else {
                let end = min(bytes.byteCount, offset + header.count)
                let received = Array(header[..<matchedByteCount]) + bytes.array(offset..<end)
                throw .notMultistream(received: received)
            }
            offset += 1
            matchedByteCount += 1
        }
        return true
    }
}

/// Takes messages from received bytes without reading past the end of a message.
struct MultistreamMessageReader: Hashable, Sendable {
    private enum State: Hashable, Sendable {
        case length(value: UInt64, shift: UInt64)
        case body(byteCount: Int)
    }

    private var state = State.length(value: 0, shift: 0)
    private var body: [UInt8] = []

    /// The next message without its line feed, or nil when `bytes` ends first.
    ///
    /// `offset` is moved behind what was taken; bytes behind the message are left alone.
    mutating func read(_ bytes: RawSpan, at offset: inout Int) throws(MultistreamError) -> String? {
        while true {
            switch state {
            case .length(let value, let shift):
                guard offset < bytes.byteCount else { return nil }
                let byte = bytes.byte(at: offset)
                offset += 1
                state = try Self.afterLengthByte(byte, value: value, shift: shift)
            case .body(let byteCount):
                let taken = min(byteCount - body.count, bytes.byteCount - offset)
                body.append(bytes.extracting(offset..<offset + taken))
                offset += taken
                guard body.count == byteCount else { return nil }
                state = .length(value: 0, shift: 0)
                return try takeText()
            }
        }
    }

    private static func afterLengthByte(
        _ byte: UInt8, value: UInt64, shift: UInt64
    ) throws(MultistreamError) -> State {
        let limit = Multistream.maximumMessageByteCount
        let sum = value | UInt64(byte & 0x7f) << shift
        guard sum <= UInt64(limit) else { throw .messageTooLong(byteCount: sum, limit: limit) }
        if byte < 0x80 {
            guard byte != 0 || shift == 0 else { throw .badLength(.notMinimal) }
            return .body(byteCount: Int(sum))
        }
        guard shift < 7 else { throw .badLength(.tooLong(limit: 2)) }
        return .length(value: sum, shift: shift + 7)
    }

    private mutating func takeText() throws(MultistreamError) -> String {
        defer { body.removeAll(keepingCapacity: true) }
        guard body.last == Multistream.newline else { throw .missingNewline(byteCount: body.count) }
        guard let text = String(validating: body.dropLast(), as: UTF8.self) else {
            throw .notUTF8(byteCount: body.count)
        }
        return text
    }
}
