import MeshMultiformats

/// Why a transport cannot listen, dial or resolve.
public enum TransportError: Error, Sendable {
    /// No transport of this node speaks the address.
    case unsupportedAddress(Multiaddr)
    /// The name has no address.
    case unresolved(host: String, reason: String)
    /// The system refused the socket.
    case socket(operation: String, code: Int32, reason: String)
    /// No answer within the time.
    case timedOut(Duration)
    /// The transport is shut down.
    case closed
}

extension TransportError: CustomStringConvertible {
    /// What happened, in words.
    public var description: String {
        switch self {
        case .unsupportedAddress(let address):
            "no transport for \(address): this node speaks /tcp over /ip4, /ip6, /dns, /dns4, /dns6"
        case .unresolved(let host, let reason): "cannot resolve \(host): \(reason)"
        case .socket(_, _, let reason): reason
        case .timedOut(let duration):
            "timed out after \(duration.formatted(tenths: true)) s: no answer; a firewall or a wrong address"
        case .closed: "the transport is shut down"
        }
    }
}

extension Duration {
    /// The duration in seconds with one decimal.
    func formatted(tenths: Bool) -> String {
        let tenthCount = wholeNanoseconds / 100_000_000
        return "\(tenthCount / 10).\(tenthCount % 10)"
    }
}
