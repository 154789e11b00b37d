import Glibc

/// Small files that only their owner may read, in an open folder.
///
/// Files are named relative to the folder's descriptor, so that nobody can swap the folder between a check
/// and its use.
struct PrivateFile {
    /// The folder's descriptor.
    let folder: Int32
    /// The folder's path, for messages.
    let folderPath: String
    /// The file's name.
    let name: String
    /// The size above which the file is not read.
    let maximumByteCount: Int

    /// The file's path, for messages.
    var path: String { "\(folderPath)/\(name)" }

    /// What is known of a file before its content is read.
    struct Status {
        /// The permission bits.
        var mode: mode_t
        /// The owner.
        var owner: uid_t
    }

    /// Reads the file after `check` allowed it; nil when there is none.
    func read(_ check: (Status) throws(MeshFailure) -> Void) throws(MeshFailure) -> [UInt8]? {
        // O_NONBLOCK: a FIFO in place of the file must not hang the start.
        let descriptor = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .system("read", path, errno)
        }
        defer { Glibc.close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system("read", path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw MeshFailure(.storage, "\(path) is not a regular file", next: "move it away")
        }
        try check(Status(mode: status.st_mode & 0o7777, owner: status.st_uid))
        guard status.st_size <= maximumByteCount else {
            throw MeshFailure(
                .storage,
                "\(path) has \(status.st_size) bytes, more than the \(maximumByteCount) that it can have",
                next: "move it away")
        }
        return try readAll(descriptor)
    }

    /// Replaces the file by `bytes`: after a crash it is the old file or the new one, never a part.
    func replace(with bytes: [UInt8]) throws(MeshFailure) {
        let temporary = try writeTemporary(bytes)
        guard renameat(folder, temporary, folder, name) == 0 else {
            let code = errno
            unlinkat(folder, temporary, 0)
            throw .system("write", path, code)
        }
        try synchronizeFolder()
    }

    /// Creates the file with `bytes`, or gives false when it exists already: an existing file is never
    /// touched.
    func create(with bytes: [UInt8]) throws(MeshFailure) -> Bool {
        let temporary = try writeTemporary(bytes)
        defer { unlinkat(folder, temporary, 0) }
        // link, unlike rename, refuses to replace.
        guard linkat(folder, temporary, folder, name, 0) == 0 else {
            if errno == EEXIST { return false }
            throw .system("write", path, errno)
        }
        try synchronizeFolder()
        return true
    }

    /// Whether there is anything of this name.
    var exists: Bool {
        var status = stat()
        return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0
    }

    private func writeTemporary(_ bytes: [UInt8]) throws(MeshFailure) -> String {
        let temporary = ".\(name).new"
        // Left over from a crash; the home's lock says that nobody else writes it now.
        unlinkat(folder, temporary, 0)
        let descriptor = openat(
            folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("write", path, errno) }
        do throws(MeshFailure) {
            try writeAll(bytes, to: descriptor)
        } catch {
            Glibc.close(descriptor)
            unlinkat(folder, temporary, 0)
            throw error
        }
        guard Glibc.close(descriptor) == 0 else {
            let code = errno
            unlinkat(folder, temporary, 0)
            throw .system("write", path, code)
        }
        return temporary
    }

    private func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(MeshFailure) {
        // The mask of the process can only take bits away, which would leave a file that we cannot read.
        guard fchmod(descriptor, 0o600) == 0 else { throw .system("write", path, errno) }
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes { pointer in
                Glibc.write(descriptor, pointer.baseAddress.map { $0 + offset }, pointer.count - offset)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw .system("write", path, written == 0 ? ENOSPC : errno) }
            offset += written
        }
        guard fsync(descriptor) == 0 else { throw .system("write", path, errno) }
    }

    private func readAll(_ descriptor: Int32) throws(MeshFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: maximumByteCount)
        var count = 0
        while count < bytes.count {
            let received = bytes.withUnsafeMutableBytes { pointer in
                Glibc.read(descriptor, pointer.baseAddress.map { $0 + count }, pointer.count - count)
            }
            if received < 0 && errno == EINTR { continue }
            guard received >= 0 else { throw .system("read", path, errno) }
            if received == 0 { break }
            count += received
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Makes a new name durable: the folder's entries are data of the folder.
    private func synchronizeFolder() throws(MeshFailure) {
        guard fsync(folder) == 0 else { throw .system("write", path, errno) }
    }
}
