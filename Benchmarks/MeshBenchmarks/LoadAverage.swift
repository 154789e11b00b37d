#if canImport(Glibc)
import Glibc
#endif

/// How busy the machine is: figures of a busy one are ratios, not times.
enum LoadAverage {
    /// The load of the last minute; zero when the system does not tell.
    static var lastMinute: Double {
        var loads = [0.0, 0.0, 0.0]
        return getloadavg(&loads, 3) > 0 ? loads[0].rounded(digits: 2) : 0
    }
}
