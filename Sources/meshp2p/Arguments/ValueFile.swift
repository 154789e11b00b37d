import MeshNode

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A value from a file or from standard input.
enum ValueFile {
    /// Bytes at most.
    ///
    /// The network's limit for a record is lower; this one only bounds the memory.
    static let maximumBytes = 128 * 1024

    /// Reads the whole file; `-` is standard input.
    static func read(_ path: String) throws(MeshFailure) -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = readChunk(descriptor, &chunk)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(path)
            }
            bytes += chunk[..<count]
            guard bytes.count <= maximumBytes else {
                throw MeshFailure(
                    .badArgument, "\(name(path)) is larger than \(maximumBytes) bytes",
                    next: "a DHT keeps small values; store the data elsewhere and `meshp2p provide` its hash")
            }
        }
    }

    private static func readChunk(_ descriptor: CInt, _ chunk: inout [UInt8]) -> Int {
        #if canImport(Glibc)
        Glibc.read(descriptor, &chunk, chunk.count)
        #else
        Musl.read(descriptor, &chunk, chunk.count)
        #endif
    }

    private static func failure(_ path: String) -> MeshFailure {
        MeshFailure(
            .badArgument, "cannot read \(name(path)): \(String(cString: strerror(errno)))",
            next: "name a readable file, or - for standard input")
    }

    private static func name(_ path: String) -> String {
        path == "-" ? "standard input" : path
    }
}
