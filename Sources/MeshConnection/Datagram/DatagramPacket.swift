import MeshCore

/// The packets by their first byte, and where their parts lie.
///
/// Source: Specs/noise-datagrams.md, section 3.
enum DatagramPacket: UInt8 {
    case initiation = 0x10
    case retry = 0x11
    case response = 0x12
    case completion = 0x13
    case data = 0x14
    case reset = 0x15
    case resumption = 0x16
    case resumptionAnswer = 0x17
    case decline = 0x18

    static let version: UInt8 = 1
    /// The longest datagram: what IPv6 carries everywhere (1,280 bytes) less its headers, rounded down.
    static let maximumByteCount = 1200
    /// Where the Noise message of an Initiation or Resumption begins.
    static let firstMessageOffset = 60
    static let cookieOffset = 12
    static let membershipOffset = 44
    /// Where the Noise message of a Response or Resumption answer begins.
    static let answerMessageOffset = 20
    /// Where the Noise message of a Completion begins.
    static let completionMessageOffset = 12
    static let retryByteCount = 44
    static let resetByteCount = 25
    static let declineByteCount = 12
    static let dataHeaderByteCount = 17
    /// Header, one frame byte and the tag.
    static let minimumDataByteCount = 34
    static let cookieByteCount = 32

    /// Appends the first 12 bytes of a handshake packet; `detail` is the length, or zero.
    static func appendHeader(
        _ type: DatagramPacket, detail: UInt16, id: UInt64, to output: inout [UInt8]
    ) {
        output.append(type.rawValue)
        output.append(version)
        output.appendBigEndian(detail)
        output.appendBigEndian(id)
    }

    /// The Noise message of a handshake packet, or nil when it reaches beyond the packet.
    static func message(of packet: RawSpan, at offset: Int) -> Range<Int>? {
        let end = offset + Int(packet.bigEndian(at: 2, as: UInt16.self))
        return end <= packet.byteCount ? offset..<end : nil
    }
}

/// A frame type inside sealed bytes, and the sizes of frames.
///
/// Source: Specs/noise-datagrams.md, section 6.
enum DatagramFrame: UInt8 {
    case padding = 0x00
    case request = 0x01
    case response = 0x02
    case refusal = 0x03
    case pathChallenge = 0x04
    case pathResponse = 0x05
    case close = 0x06

    /// Type, id, place and parts.
    static let messageHeaderByteCount = 7
    static let refusalByteCount = 6
    static let pathByteCount = 9
    static let closeByteCount = 2
    /// The bytes of a message in one part: 1,200 less header, tag and frame header.
    static let partByteCount = 1160
    static let maximumPartCount = 8
    static let maximumMessageByteCount = partByteCount * maximumPartCount

    /// The parts that a message of `byteCount` bytes takes.
    static func partCount(_ byteCount: Int) -> Int { (byteCount + partByteCount - 1) / partByteCount }

    /// Appends a REQUEST or RESPONSE with a whole message.
    static func append(
        _ type: DatagramFrame, id: UInt32, attempt: UInt8, message: RawSpan, to output: inout [UInt8]
    ) {
        appendHeader(type, id: id, attempt: attempt, part: 0, parts: 1, to: &output)
        output.append(message)
    }

    /// Appends everything of a REQUEST or RESPONSE but the bytes.
    static func appendHeader(
        _ type: DatagramFrame, id: UInt32, attempt: UInt8, part: Int, parts: Int, to output: inout [UInt8]
    ) {
        output.append(type.rawValue)
        output.appendBigEndian(id)
        output.append(attempt << 4 | UInt8(part))
        output.append(UInt8(parts))
    }

    /// Appends a REFUSAL.
    static func appendRefusal(id: UInt32, _ reason: DatagramRefusal, to output: inout [UInt8]) {
        output.append(refusal.rawValue)
        output.appendBigEndian(id)
        output.append(reason.rawValue)
    }

    /// Appends a PATH_CHALLENGE or PATH_RESPONSE.
    static func appendPath(_ type: DatagramFrame, data: UInt64, to output: inout [UInt8]) {
        output.append(type.rawValue)
        output.appendBigEndian(data)
    }
}

/// The place of a part of a message: the third field of a REQUEST or RESPONSE, and the fourth.
struct DatagramPlace: Hashable {
    /// The first transmission is attempt 0, and two more follow at most.
    static let maximumAttempt: UInt8 = 2

    let part: Int
    let parts: Int
    let attempt: UInt8

    /// Checks the two bytes and the `byteCount` bytes of the part.
    init?(place: UInt8, parts: UInt8, byteCount: Int) {
        part = Int(place & 0x0f)
        self.parts = Int(parts)
        attempt = place >> 4
        guard attempt <= Self.maximumAttempt, parts >= 1, parts <= DatagramFrame.maximumPartCount,
            part < parts
        else {
            return nil
        }
        guard byteCount >= 1, byteCount <= DatagramFrame.partByteCount else { return nil }
        guard part == self.parts - 1 || byteCount == DatagramFrame.partByteCount else { return nil }
    }
}
