import MeshCore
import NIOCore

#if canImport(Glibc)
import Glibc
#endif

/// The node's two clocks: a monotonic one for timers and a civil one for records.
final class NodeClock: Sendable {
    var instant: Instant { Instant(nanoseconds: NIODeadline.now().uptimeNanoseconds) }

    var unixTime: UnixTime { UnixTime(seconds: UInt64(max(0, time(nil)))) }

    /// The civil time of the monotonic clock's origin.
    var epoch: UnixTime {
        let elapsed = instant.nanoseconds / 1_000_000_000
        return UnixTime(seconds: unixTime.seconds > elapsed ? unixTime.seconds - elapsed : 0)
    }
}
