import MeshNode

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Whole files: read with a limit, and replaced so that a reader never sees half of one.
enum FileBytes {
    /// Reads the file; `-` is standard input.
    static func read(_ path: String, limit: Int) throws(MeshFailure) -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path, errno) }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var bytes: [UInt8] = []
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
            bytes.reserveCapacity(min(Int(status.st_size), limit))
        }
        var chunk = [UInt8](repeating: 0, count: 256 * 1024)
        while true {
            let count = readChunk(descriptor, &chunk)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw unreadable(path, errno)
            }
            guard bytes.count + count <= limit else {
                throw MeshFailure(
                    .limit, "\(name(path)) is larger than the limit of \(limit) bytes",
                    next: "split it, or name another file")
            }
            bytes += chunk[..<count]
        }
    }

    /// Replaces the file by `bytes`: whatever fails, the old file stays whole.
    ///
    /// Devices and pipes have no old content and are written to directly.
    static func replace(_ path: String, with bytes: [UInt8]) throws(MeshFailure) {
        var status = stat()
        let exists = stat(path, &status) == 0
        if exists, status.st_mode & S_IFMT == S_IFDIR { throw unwritable(path, EISDIR) }
        if exists, status.st_mode & S_IFMT != S_IFREG { return try writeThrough(path, bytes) }
        // The new file takes the place of what a link points to, not of the link.
        let target = exists ? resolved(path) : path
        let (temporary, descriptor) = try makeTemporary(beside: target, path)
        do throws(MeshFailure) {
            try writeAll(bytes, to: descriptor, path)
            let mode = exists ? status.st_mode & 0o777 : 0o666 & ~currentMask
            guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else { throw unwritable(path, errno) }
        } catch {
            close(descriptor)
            unlink(temporary)
            throw error
        }
        guard close(descriptor) == 0, rename(temporary, target) == 0 else {
            let code = errno
            unlink(temporary)
            throw unwritable(path, code)
        }
    }

    /// Whether there is anything of this name.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return path == "-" || stat(path, &status) == 0
    }

    /// The path for messages.
    static func name(_ path: String) -> String {
        path == "-" ? "standard input" : TerminalText.escaped(path, limit: 200)
    }

    private static func makeTemporary(
        beside target: String, _ path: String
    ) throws(MeshFailure) -> (String, CInt) {
        var template = Array((target + ".XXXXXX").utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw unwritable(path, errno) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return (
            String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self), descriptor
        )
    }

    private static func writeThrough(_ path: String, _ bytes: [UInt8]) throws(MeshFailure) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unwritable(path, errno) }
        defer { close(descriptor) }
        try writeAll(bytes, to: descriptor, path)
    }

    private static func writeAll(
        _ bytes: [UInt8], to descriptor: CInt, _ path: String
    ) throws(MeshFailure) {
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes { buffer in
                #if canImport(Glibc)
                Glibc.write(descriptor, buffer.baseAddress.map { $0 + offset }, bytes.count - offset)
                #else
                Musl.write(descriptor, buffer.baseAddress.map { $0 + offset }, bytes.count - offset)
                #endif
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw unwritable(path, written == 0 ? ENOSPC : errno) }
            offset += written
        }
    }

    private static func readChunk(_ descriptor: CInt, _ chunk: inout [UInt8]) -> Int {
        #if canImport(Glibc)
        Glibc.read(descriptor, &chunk, chunk.count)
        #else
        Musl.read(descriptor, &chunk, chunk.count)
        #endif
    }

    private static func resolved(_ path: String) -> String {
        guard let pointer = realpath(path, nil) else { return path }
        defer { free(pointer) }
        return String(cString: pointer)
    }

    /// The process's mask can only be read by setting it.
    private static var currentMask: mode_t {
        let mask = umask(0o077)
        umask(mask)
        return mask
    }

    private static func unreadable(_ path: String, _ code: CInt) -> MeshFailure {
        MeshFailure(
            .badArgument, "cannot read \(name(path)): \(String(cString: strerror(code)))",
            next: "name a readable file, or - for standard input")
    }

    private static func unwritable(_ path: String, _ code: CInt) -> MeshFailure {
        let next =
            switch code {
            case ENOSPC, EDQUOT: "free some space and try again; the file that was there is untouched"
            case EISDIR: "name a file, not a folder"
            default: "name a file in a folder that can be written to"
            }
        return MeshFailure(
            .storage, "cannot write \(name(path)): \(String(cString: strerror(code)))", next: next)
    }
}
