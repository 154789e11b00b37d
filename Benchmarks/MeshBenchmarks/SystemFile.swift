#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What the kernel tells in small text files.
enum SystemFile {
    /// The resident memory of this process that is no file: heap and stacks, without the code that was read in.
    static var anonymousByteCount: Int {
        let fields = text("/proc/self/statm").split(separator: " ").prefix(3).compactMap { Int($0) }
        guard fields.count == 3 else { return 0 }
        return (fields[1] - fields[2]) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Datagrams that left any socket of this network namespace; zero when the system does not say.
    static var datagramsSent: Int {
        let rows = text("/proc/net/snmp").split(separator: "\n").filter { $0.hasPrefix("Udp:") }
            .map { $0.split(separator: " ") }
        guard rows.count == 2, let column = rows[0].firstIndex(of: "OutDatagrams"), column < rows[1].count
        else { return 0 }
        return Int(rows[1][column]) ?? 0
    }

    /// The first 8 KiB of a file; empty when it cannot be read.
    private static func text(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        let bytes = [UInt8](unsafeUninitializedCapacity: 8192) { buffer, count in
            count = fread(buffer.baseAddress, 1, buffer.count, file)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
