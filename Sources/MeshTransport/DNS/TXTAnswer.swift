import MeshCore

/// Reads the TXT strings out of a DNS answer (RFC 1035, section 4), which comes from the network.
enum TXTAnswer {
    /// The texts of the answer section's TXT records; nil when the message is malformed.
    static func texts(_ message: RawSpan, limit: Int) -> [[UInt8]]? {
        guard message.byteCount >= 12 else { return nil }
        let questions: UInt16 = message.bigEndian(at: 4)
        let answers: UInt16 = message.bigEndian(at: 6)
        var offset = 12
        for _ in 0..<questions {
            guard skipName(message, &offset), message.byteCount - offset >= 4 else { return nil }
            offset += 4
        }
        var texts: [[UInt8]] = []
        for _ in 0..<answers where texts.count < limit {
            guard skipName(message, &offset), message.byteCount - offset >= 10 else { return nil }
            let type: UInt16 = message.bigEndian(at: offset)
            let length = Int(message.bigEndian(at: offset + 8, as: UInt16.self))
            offset += 10
            guard message.byteCount - offset >= length else { return nil }
            if type == 16 {
                guard let text = characterStrings(message.extracting(offset..<offset + length)) else {
                    return nil
                }
                texts.append(text)
            }
            offset += length
        }
        return texts
    }

    /// Moves `offset` behind a name, which ends with a zero label or a compression pointer.
    private static func skipName(_ message: RawSpan, _ offset: inout Int) -> Bool {
        while offset < message.byteCount {
            let length = Int(message.byte(at: offset))
            if length == 0 {
                offset += 1
                return true
            }
            if length >= 0xc0 {
                offset += 2
                return offset <= message.byteCount
            }
            offset += 1 + length
        }
        return false
    }

    /// The character strings of one TXT record, joined (RFC 7208, section 3.3).
    private static func characterStrings(_ data: RawSpan) -> [UInt8]? {
        var text: [UInt8] = []
        var offset = 0
        while offset < data.byteCount {
            let length = Int(data.byte(at: offset))
            guard data.byteCount - offset - 1 >= length else { return nil }
            text.append(data.extracting(offset + 1..<offset + 1 + length))
            offset += 1 + length
        }
        return text
    }
}
