import MeshNode
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The control socket's file, which nobody but the owner can open at any moment.
///
/// A bound socket takes its mode from the umask, which belongs to the whole process. So it is bound inside a
/// folder of mode 0700, made 0600 there, and then moved to its place.
struct ControlSocketFile: Sendable {
    let path: String
    private let folder: String

    init(path: String) throws(MeshFailure) {
        self.path = path
        let parent = path.lastIndex(of: "/").map { path[...$0] } ?? ""
        self.folder = parent + ".api"
        // sockaddr_un has 108 bytes on Linux, one of them for the end.
        guard path.utf8.count <= Self.maximumPathBytes, bindPath.utf8.count <= Self.maximumPathBytes else {
            throw MeshFailure(
                .listenFailed,
                "the path of the control socket has \(path.utf8.count) bytes, \(Self.maximumPathBytes) are allowed: \(path)",
                next: "choose a shorter `--home`")
        }
    }

    /// Where the server binds.
    var bindPath: String { folder + "/s" }

    /// Makes the private folder.
    func prepare() throws(MeshFailure) {
        discardFolder()
        guard mkdir(folder, 0o700) == 0 else { throw failure("cannot make the folder \(folder)") }
    }

    /// Gives the bound socket its mode and its place, over a stale one of a process that is gone.
    func publish() throws(MeshFailure) {
        guard chmod(bindPath, 0o600) == 0 else { throw failure("cannot protect \(bindPath)") }
        guard rename(bindPath, path) == 0 else { throw failure("cannot place \(path)") }
        discardFolder()
    }

    /// Removes the socket and what is left of the folder.
    func remove() {
        unlink(path)
        discardFolder()
    }

    private func discardFolder() {
        unlink(bindPath)
        rmdir(folder)
    }

    private func failure(_ what: String) -> MeshFailure {
        MeshFailure(
            .listenFailed, "\(what): \(String(cString: strerror(errno)))",
            next: "check the owner and the mode of the home folder")
    }

    private static let maximumPathBytes = 107
}
