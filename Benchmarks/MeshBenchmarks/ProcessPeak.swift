#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Memory of this process and of the machine.
enum ProcessPeak {
    /// The most resident bytes that the process ever had.
    static var peakByteCount: Int {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        return usage.ru_maxrss * 1024
    }

    /// The memory of the machine; zero when the system does not say.
    static var machineByteCount: Int {
        let pages = sysconf(Int32(_SC_PHYS_PAGES))
        return pages > 0 ? pages * sysconf(Int32(_SC_PAGESIZE)) : 0
    }
}
