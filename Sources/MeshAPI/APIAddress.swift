import MeshNode

/// `HOST:PORT` of the HTTP API; an IPv6 host stands in brackets.
public struct APIAddress: Sendable, Hashable {
    /// The host without brackets.
    public var host: String
    /// The port; 0 takes a free one.
    public var port: Int

    /// Reads `HOST:PORT` or `[IPV6]:PORT`.
    public init(_ text: String) throws(MeshFailure) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw Self.malformed(text)
        }
        var host = text[..<colon]
        if host.first == "[", host.last == "]", host.count > 2 {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw Self.malformed(text)
        }
        guard !host.isEmpty, !host.contains(where: { "[]/@ ".contains($0) }) else {
            throw Self.malformed(text)
        }
        self.host = String(host)
        self.port = Int(port)
    }

    /// Whether only this machine reaches the address.
    var isLoopback: Bool {
        HostCheckMiddleware.isLoopback(authority: host.contains(":") ? "[\(host)]" : host)
    }

    /// The URL under which this machine reaches the API on the port that was really taken.
    func url(port: Int) -> String {
        switch host {
        case "0.0.0.0": "http://127.0.0.1:\(port)"
        case "::": "http://[::1]:\(port)"
        default: host.contains(":") ? "http://[\(host)]:\(port)" : "http://\(host):\(port)"
        }
    }

    private static func malformed(_ text: String) -> MeshFailure {
        MeshFailure(
            .badArgument, "'\(text)' is not HOST:PORT",
            next: "write for example `127.0.0.1:8421`, `[::1]:8421`, or `off`")
    }
}
