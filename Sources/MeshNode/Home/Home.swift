import Glibc

/// The folder that holds what a node is and knows: its secret key, its settings, its database, its control
/// socket.
///
/// Anybody with the owner's rights may open it and read; only the holder of its ``HomeLock`` writes. The
/// folder stays open as long as the value lives.
public final class Home: Sendable {
    /// The absolute path, without symbolic links in its last part.
    public let path: String

    let descriptor: Int32

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        Glibc.close(descriptor)
    }

    /// The folder that is used when none is named: `$MESHP2P_HOME`, else `$XDG_DATA_HOME/meshp2p`, else
    /// `~/.local/share/meshp2p`.
    ///
    /// Source: XDG Base Directory Specification 0.8: empty and relative values are ignored.
    public static func defaultPath(environment: [String: String]) -> String {
        if let path = environment["MESHP2P_HOME"], !path.isEmpty { return path }
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return joined(data, "meshp2p") }
        if let user = environment["HOME"], user.hasPrefix("/") { return joined(user, ".local/share/meshp2p") }
        // A service without HOME: the user database, else where a system service keeps its state.
        guard let entry = getpwuid(geteuid()), let folder = entry.pointee.pw_dir else {
            return "/var/lib/meshp2p"
        }
        return joined(String(cString: folder), ".local/share/meshp2p")
    }

    /// Opens the folder at `path`.
    ///
    /// A folder that is a symbolic link, belongs to another user or can be written by others is refused. With
    /// `create` a missing folder is made, with its parents, all with mode 0700.
    public static func open(_ path: String, create: Bool) throws(MeshFailure) -> Home {
        let path = try absolute(path)
        if create {
            try makeFolders(path)
        }
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw openFailure(path, errno) }
        let home = Home(path: path, descriptor: descriptor)
        try home.checkAccess()
        return home
    }

    /// The SQLite database.
    public var databasePath: String { "\(path)/meshp2p.sqlite" }

    /// The control socket's path as a person sees it.
    public var displayedControlSocketPath: String { "\(path)/api.sock" }

    /// The control socket's path for `bind` and `connect`.
    ///
    /// A socket address holds 107 bytes. The socket of a home with a longer path is named through the open
    /// folder, `/proc/self/fd/N/api.sock`: it still lies in the home, so that every process finds it there,
    /// but the path is good only in this process and while this value lives.
    public var controlSocketPath: String {
        let path = displayedControlSocketPath
        return path.utf8.count <= Self.maximumSocketPathByteCount
            ? path : "/proc/self/fd/\(descriptor)/api.sock"
    }

    /// The longest path of a socket: `sun_path` of unix(7) has 108 bytes with its final zero.
    static let maximumSocketPathByteCount = 107

    /// The file `name` of the folder.
    func file(_ name: String, maximumByteCount: Int) -> PrivateFile {
        PrivateFile(folder: descriptor, folderPath: path, name: name, maximumByteCount: maximumByteCount)
    }
}

extension Home {
    private static func joined(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    /// Makes `path` absolute and drops the slashes at its end, which would make the kernel follow a link.
    private static func absolute(_ path: String) throws(MeshFailure) -> String {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw MeshFailure(
                .badArgument, "the home folder has no usable name", next: "give one with --home DIR")
        }
        var result = path
        if !path.hasPrefix("/") {
            guard let current = getcwd(nil, 0) else { throw .system("find", "the current folder", errno) }
            defer { free(current) }
            result = joined(String(cString: current), path)
        }
        while result.utf8.count > 1 && (result.hasSuffix("/") || result.hasSuffix("/.")) {
            result.removeLast()
        }
        return result
    }

    private static func makeFolders(_ path: String) throws(MeshFailure) {
        if try makeFolder(path) { return }
        let parent = parent(of: path)
        guard parent != path else { throw .system("make the folder", path, ENOENT) }
        try makeFolders(parent)
        guard try makeFolder(path) else { throw .system("make the folder", path, ENOENT) }
    }

    /// Makes one folder durably; false when its parent is missing.
    private static func makeFolder(_ path: String) throws(MeshFailure) -> Bool {
        guard mkdir(path, 0o700) == 0 else {
            if errno == EEXIST { return true }
            if errno == ENOENT { return false }
            throw .system("make the folder", path, errno)
        }
        let descriptor = Glibc.open(parent(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor >= 0 {
            // A parent that cannot be opened for reading cannot be synchronised either; the folder is there.
            fsync(descriptor)
            Glibc.close(descriptor)
        }
        return true
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    private static func openFailure(_ path: String, _ code: Int32) -> MeshFailure {
        var status = stat()
        if lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK {
            return MeshFailure(
                .refused, "the home folder \(path) is a symbolic link, which somebody could point elsewhere",
                next: "name the folder itself: --home \"$(readlink -f \(shellQuoted(path)))\"")
        }
        switch code {
        case ENOENT:
            return MeshFailure(
                .notFound, "there is no home folder at \(path)",
                next: "meshp2p init --home \(shellQuoted(path))")
        case ENOTDIR:
            return MeshFailure(
                .storage, "the home \(path) is not a folder", next: "choose another path with --home")
        default:
            return .system("open the home folder", path, code)
        }
    }

    /// Refuses a folder in which somebody else could replace our files.
    private func checkAccess() throws(MeshFailure) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system("open the home folder", path, errno) }
        guard status.st_uid == geteuid() else {
            throw MeshFailure(
                .refused,
                "the home folder \(path) belongs to user \(status.st_uid), this runs as \(geteuid())",
                next: "run as its owner, or choose another folder with --home")
        }
        let others: mode_t = 0o077
        guard status.st_mode & others != 0 else { return }
        if isEmpty {
            // Fresh from a mkdir with a common umask: nothing in it can be anybody's yet.
            guard fchmod(descriptor, 0o700) == 0 else {
                throw .system("protect the home folder", path, errno)
            }
        } else if status.st_mode & 0o022 != 0 {
            throw MeshFailure(
                .refused, "others can write into the home folder \(path) (mode \(octal(status.st_mode)))",
                next: "chmod 700 \(shellQuoted(path))")
        }
        // Others may list a folder in use, as its owner chose: every file of ours in it has mode 0600.
    }

    private var isEmpty: Bool {
        // A descriptor of its own: reading moves a position that duplicates share.
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else { return false }
        defer { closedir(stream) }
        var count = 0
        while readdir(stream) != nil && count < 3 {
            count += 1
        }
        return count <= 2  // "." and ".."
    }
}

/// Permission bits as chmod takes them.
func octal(_ mode: mode_t) -> String {
    "0" + String(mode & 0o777, radix: 8)
}
