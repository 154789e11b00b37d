import MeshCore
import NIOCore

extension Instant {
    /// The present on the clock that event loops use.
    public static var now: Instant { Instant(nanoseconds: NIODeadline.now().uptimeNanoseconds) }

    /// The same point as a deadline of an event loop.
    public var deadline: NIODeadline {
        NIODeadline.uptimeNanoseconds(Swift.min(nanoseconds, UInt64(Int64.max) / 2))
    }
}
