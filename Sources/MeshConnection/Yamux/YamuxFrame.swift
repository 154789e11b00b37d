import MeshCore

/// The header of a yamux frame: 12 bytes, big endian.
///
/// Source: yamux spec, "Framing".
struct YamuxHeader: Hashable, Sendable {
    /// What a frame is for.
    enum Kind: UInt8, Sendable {
        case data = 0
        case windowUpdate = 1
        case ping = 2
        case goAway = 3
    }

    /// The flag bits; unknown ones are ignored, as go-yamux and rust-yamux do.
    struct Flags: OptionSet, Hashable, Sendable {
        let rawValue: UInt16

        static let synchronize = Flags(rawValue: 1)
        static let acknowledge = Flags(rawValue: 2)
        static let finish = Flags(rawValue: 4)
        static let reset = Flags(rawValue: 8)
    }

    /// The size of a header in bytes.
    static let byteCount = 12

    var kind: Kind
    var flags: Flags
    /// The stream's id; 0 is the session.
    var stream: UInt32
    /// DATA: the body's size; WINDOW_UPDATE: the delta, or a reset's error code; PING: the value; GO_AWAY:
    /// the code.
    var length: UInt32

    init(_ kind: Kind, _ flags: Flags, stream: UInt32, length: UInt32) {
        self.kind = kind
        self.flags = flags
        self.stream = stream
        self.length = length
    }

    /// Reads the 12 bytes of `bytes` at `offset`, which the caller knows to be there.
    init(_ bytes: RawSpan, at offset: Int) throws(YamuxError) {
        let version = bytes.byte(at: offset)
        guard version == 0 else { throw .badVersion(version) }
        let type = bytes.byte(at: offset + 1)
        guard let kind = Kind(rawValue: type) else { throw .unknownFrameType(type) }
        self.kind = kind
        flags = Flags(rawValue: bytes.bigEndian(at: offset + 2))
        stream = bytes.bigEndian(at: offset + 4)
        length = bytes.bigEndian(at: offset + 8)
    }

    /// Appends the 12 bytes to `frames`.
    func append(to frames: inout [UInt8]) {
        frames.appendBigEndian(
            UInt64(kind.rawValue) << 48 | UInt64(flags.rawValue) << 32 | UInt64(stream))
        frames.appendBigEndian(length)
    }
}
