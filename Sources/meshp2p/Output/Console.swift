import MeshAPI

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The reader of standard output is gone; there is nobody to tell.
struct BrokenPipe: Error {}

/// Standard output and standard error of one command.
struct Console: Sendable {
    /// Whether standard output carries JSON and nothing else.
    var isJSON: Bool
    /// The layout of standard output.
    var layout: Layout
    /// The layout of standard error.
    var errorLayout: Layout
    /// Whether a progress line may be drawn on standard error.
    var showsProgress: Bool

    /// Looks at the terminal and its environment.
    init(isJSON: Bool, isVerbose: Bool) {
        let noColour = Self.isSet("NO_COLOR") || Self.environment("TERM") == "dumb"
        self.isJSON = isJSON
        layout = Layout(
            width: Self.width(STDOUT_FILENO),
            style: Style(isColoured: !noColour && isatty(STDOUT_FILENO) == 1),
            isVerbose: isVerbose)
        errorLayout = Layout(
            width: Self.width(STDERR_FILENO),
            style: Style(isColoured: !noColour && isatty(STDERR_FILENO) == 1),
            isVerbose: isVerbose)
        showsProgress = isatty(STDERR_FILENO) == 1 && Self.environment("TERM") != "dumb"
    }

    /// Shows an output on standard output.
    func show(_ output: some CommandOutput) throws {
        if isJSON {
            for object in output.json {
                try Self.write(try JSONText.encode(object) + [0x0a], to: STDOUT_FILENO)
            }
        } else {
            try say(output.lines(layout))
        }
    }

    /// Writes lines for people on standard output.
    func say(_ lines: [String]) throws {
        guard !lines.isEmpty else { return }
        try Self.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: STDOUT_FILENO)
    }

    /// Writes a line for people on standard error; without a reader it is lost.
    func note(_ line: String) {
        try? Self.write(Array((line + "\n").utf8), to: STDERR_FILENO)
    }

    /// Writes bytes as they are on standard output.
    func emit(_ bytes: [UInt8]) throws {
        try Self.write(bytes, to: STDOUT_FILENO)
    }

    /// Writes all bytes, or throws ``BrokenPipe`` when that cannot be done.
    static func write(_ bytes: [UInt8], to descriptor: CInt) throws {
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes { buffer in
                #if canImport(Glibc)
                Glibc.write(descriptor, buffer.baseAddress.map { $0 + offset }, bytes.count - offset)
                #else
                Musl.write(descriptor, buffer.baseAddress.map { $0 + offset }, bytes.count - offset)
                #endif
            }
            if written > 0 {
                offset += written
            } else if errno == EAGAIN {
                // Somebody shares the terminal in non-blocking mode: wait until it takes more.
                var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&request, 1, 1000)
            } else if errno != EINTR {
                throw BrokenPipe()
            }
        }
    }

    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    private static func isSet(_ name: String) -> Bool {
        environment(name).map { !$0.isEmpty } ?? false
    }

    private static func width(_ descriptor: CInt) -> Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return min(max(Int(size.ws_col), 40), 160)
    }
}
