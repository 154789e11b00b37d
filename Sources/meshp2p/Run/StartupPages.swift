#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Gives back the pages of program text that only the start of a node needed.
///
/// Starting touches code all over the binary and its libraries, and the kernel maps the neighbours of every touched
/// page. None of that is written to, so dropping the mappings costs a soft fault where a page is needed again and
/// takes some 20 MB off what an idle node holds.
enum StartupPages {
    /// Drops the mappings of executable, file-backed pages of this process; does nothing where that is not possible.
    static func release() {
        for range in textRanges() {
            guard let start = UnsafeMutableRawPointer(bitPattern: range.lowerBound) else { continue }
            // Only what is touched again is mapped again, not its neighbours.
            madvise(start, range.count, MADV_RANDOM)
            madvise(start, range.count, MADV_DONTNEED)
        }
    }

    /// The executable mappings of files: never writable, so nothing in them can be lost.
    private static func textRanges() -> [Range<UInt>] {
        guard let file = fopen("/proc/self/maps", "r") else { return [] }
        defer { fclose(file) }
        var ranges: [Range<UInt>] = []
        var line = [CChar](repeating: 0, count: 4096)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            if let range = textRange(text) { ranges.append(range) }
        }
        return ranges
    }

    /// The range of a line such as `7f12a000-7f12c000 r-xp 00000000 08:01 1234 /usr/lib/libc.so.6`.
    static func textRange(_ line: String) -> Range<UInt>? {
        let fields = line.split(whereSeparator: \.isWhitespace)
        guard fields.count >= 6, fields[1] == "r-xp", fields[5].hasPrefix("/") else { return nil }
        let bounds = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard bounds.count == 2, bounds[0] < bounds[1] else { return nil }
        return bounds[0]..<bounds[1]
    }
}
