import Glibc

extension MeshFailure {
    /// A system call on a file failed: what was tried, why, and what to do.
    ///
    /// `action` is a verb that follows "cannot", such as `write`; `code` is the `errno` of the call.
    static func system(_ action: String, _ path: String, _ code: Int32) -> MeshFailure {
        let (reason, next) = explanation(of: code, path: path)
        return MeshFailure(.storage, "cannot \(action) \(path): \(reason)", next: next)
    }

    private static func explanation(of code: Int32, path: String) -> (String, String?) {
        switch code {
        case ENOSPC: ("the disk is full", "free some space and try again")
        case EDQUOT: ("the disk quota is used up", "free some space or ask for more, and try again")
        case EFBIG: ("the file would exceed the process's size limit", "raise it: ulimit -f unlimited")
        case EROFS:
            ("the file system is read-only", "remount it writable, or choose another folder with --home")
        case EACCES, EPERM:
            ("permission denied", "choose another folder with --home, or give this user access to it")
        case ENOTDIR: ("a part of the path is not a folder", "choose another folder with --home")
        case EISDIR: ("it is a folder", "move the folder away")
        case ELOOP: ("it is a symbolic link", "replace the link by the file itself")
        case ENOENT: ("it does not exist", nil)
        case ENAMETOOLONG: ("the path is too long", "choose a shorter folder with --home")
        case EMFILE, ENFILE: ("too many files are open", "raise the limit: ulimit -n 4096")
        case EIO: ("the disk reports an error", "check the disk; the system log says more")
        default: (String(cString: strerror(code)), nil)
        }
    }
}

/// Writes `path` so that it can be pasted into a shell.
func shellQuoted(_ path: String) -> String {
    let plain = path.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
            UInt8(ascii: "-"), UInt8(ascii: "_"), 0x80...0xff:
            true
        default: false
        }
    }
    guard !plain else { return path }
    return "'" + path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
