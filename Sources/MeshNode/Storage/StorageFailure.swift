import GRDB
import Glibc

extension MeshFailure {
    /// What a call on a closed storage gets.
    static let storageClosed = MeshFailure(
        .stopping, "the storage is closed because the node stops", next: "start the node again")

    /// Translates an error of the database at `path`.
    ///
    /// `systemError` is the `errno` of the failed system call, 0 when unknown.
    static func database(_ error: any Error, path: String, systemError: Int32 = 0) -> MeshFailure {
        guard let error = error as? DatabaseError else {
            return MeshFailure(.storage, "the database \(path) failed: \(error)")
        }
        switch error.resultCode {
        case .SQLITE_FULL:
            return MeshFailure(
                .storage, "cannot write \(path): the disk or the database's size limit is full",
                next: "free some space; the node goes on and later writes work again")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return MeshFailure(
                .storage, "the database \(path) is damaged: \(error.message ?? "malformed")",
                next: "restart the node: it moves the file aside and starts with an empty one")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return MeshFailure(
                .storage, "the database \(path) is locked by another process",
                next: "close the program that has it open")
        case .SQLITE_READONLY, .SQLITE_PERM:
            return MeshFailure(
                .storage, "the database \(path) cannot be written: \(error.message ?? "read-only")",
                next: "make the file and its folder writable for this user, or remount the disk")
        case .SQLITE_CANTOPEN:
            return .system("open", path, systemError == 0 ? EIO : systemError)
        case .SQLITE_IOERR where systemError != 0:
            return .system("read or write", path, systemError)
        case .SQLITE_IOERR:
            return MeshFailure(
                .storage,
                "cannot read or write \(path): disk error (SQLite \(error.extendedResultCode.rawValue))",
                next: "check the disk's space and health, and file size limits; the node goes on meanwhile")
        default:
            let reason = "\(error.message ?? "no message") (SQLite \(error.extendedResultCode.rawValue))"
            return MeshFailure(
                .storage, "the database \(path) failed: \(reason)",
                next: "check the disk, then restart the node")
        }
    }

    /// A database that a newer program wrote.
    static func newerDatabase(_ path: String) -> MeshFailure {
        MeshFailure(
            .storage, "the database \(path) was written by a newer meshp2p",
            next: "upgrade meshp2p, or move the file away to start without its records")
    }
}
