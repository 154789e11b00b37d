#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What the system did not take of what a node wanted to send.
public struct DatagramSocketCounters: Hashable, Sendable {
    /// Datagrams dropped because the socket's buffer was full.
    public internal(set) var bufferFull: UInt64 = 0
    /// Datagrams dropped because no socket reaches their address.
    public internal(set) var withoutSocket: UInt64 = 0
    /// Datagrams that are too long for the first network on their way.
    public internal(set) var tooLong: UInt64 = 0
    /// Datagrams that the system refused for another reason.
    public internal(set) var refused: UInt64 = 0
    /// The code of the last such reason.
    public internal(set) var lastErrorCode: Int32 = 0

    /// All of them.
    public var total: UInt64 { bufferFull + withoutSocket + tooLong + refused }

    mutating func note(_ code: Int32) {
        if code == EMSGSIZE { tooLong += 1 } else { refused += 1 }
        lastErrorCode = code
    }
}
