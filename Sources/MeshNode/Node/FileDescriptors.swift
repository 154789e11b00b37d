#if canImport(Glibc)
import Glibc
#endif

/// The file descriptors of the process: every connection takes one.
public enum FileDescriptors {
    /// Descriptors that are kept for files, listeners and connections that are still being made.
    static let reserve = 192

    /// How many the process may have open now.
    public static var limit: Int {
        var limits = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 else { return 1024 }
        return Int(clamping: limits.rlim_cur)
    }

    /// Raises the process's limit as far as the system lets it.
    public static func raiseLimit() {
        var limits = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 else { return }
        limits.rlim_cur = limits.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
    }
}
