import CZlib

/// Unpacks gzip data (RFC 1952) by zlib; what is not gzip is passed on as it is.
public enum GzipData {
    /// The most bytes that a file may unpack to; the largest trace of `Benchmarks/traces` has 16 MB.
    public static let maximumByteCount = 1 << 30

    /// The content of `bytes`.
    public static func unpacked(
        _ bytes: [UInt8], limit: Int = maximumByteCount
    ) throws(TraceError) -> [UInt8] {
        guard bytes.starts(with: [0x1f, 0x8b]) else { return bytes }
        var stream = z_stream()
        // 15 bits of window and a gzip header. Source: zlib.h, inflateInit2.
        guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .damagedGzip(offset: 0)
        }
        defer { inflateEnd(&stream) }
        var input = bytes
        var output: [UInt8] = []
        // The last four bytes are the unpacked size modulo 2^32, and only a hint.
        let hint = bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        output.reserveCapacity(min(hint, limit, bytes.count * 64))
        var offset = 0
        while true {
            let step = inflateStep(&stream, &input, offset, &output)
            offset = step.consumed
            guard output.count <= limit else { throw .tooLarge(limit: limit) }
            if step.code == Z_STREAM_END { return output }
            guard step.code == Z_OK, step.progressed else { throw .damagedGzip(offset: offset) }
        }
    }

    /// Unpacks one more piece; gives zlib's code and how many bytes were read in all.
    private static func inflateStep(
        _ stream: inout z_stream, _ input: inout [UInt8], _ offset: Int, _ output: inout [UInt8]
    ) -> (code: CInt, consumed: Int, progressed: Bool) {
        // zlib counts in 32 bits.
        let available = min(input.count - offset, 1 << 30)
        let total = input.count
        var piece = [UInt8](repeating: 0, count: 1 << 18)
        return input.withUnsafeMutableBufferPointer { source in
            piece.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress.map { $0 + offset }
                stream.avail_in = UInt32(available)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                let code = inflate(&stream, Z_NO_FLUSH)
                let written = target.count - Int(stream.avail_out)
                output.append(contentsOf: target[..<written])
                let consumed = offset + available - Int(stream.avail_in)
                return (code, min(consumed, total), written > 0 || consumed > offset)
            }
        }
    }
}
