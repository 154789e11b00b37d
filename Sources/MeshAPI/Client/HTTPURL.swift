import MeshNode

/// An `http://` URL, as far as the registry's listing needs it.
struct HTTPURL: Sendable, Hashable {
    /// The host without brackets.
    var host: String
    var port: Int
    /// Path and query, starting with a slash.
    var path: String

    /// Reads an http URL with a host and perhaps a port and a path.
    ///
    /// `https` and names with a user are refused.
    init(_ text: String) throws(MeshFailure) {
        guard !text.lowercased().hasPrefix("https://") else {
            throw MeshFailure(
                .badArgument, "https is not supported: \(text)",
                next: "use the registry's http:// address, or its multiaddr, which is always encrypted")
        }
        guard text.lowercased().hasPrefix("http://"), text.utf8.count <= Self.maximumBytes,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { throw Self.malformed }
        let rest = text.dropFirst("http://".count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.isEmpty, !authority.contains("@") else { throw Self.malformed }
        let tail = rest.dropFirst(authority.count).prefix { $0 != "#" }
        path = tail.first == "/" ? String(tail) : "/" + tail
        (host, port) = try Self.hostAndPort(authority)
    }

    /// The Host header.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == 80 ? name : "\(name):\(port)"
    }

    private static func hostAndPort(_ authority: Substring) throws(MeshFailure) -> (String, Int) {
        let hasPort = authority.last != "]" && authority.contains(":")
        let address = try? APIAddress(hasPort ? String(authority) : "\(authority):80")
        guard let address, address.port > 0 else { throw malformed }
        return (address.host, address.port)
    }

    private static var malformed: MeshFailure {
        MeshFailure(.badArgument, "the registry's URL is not http://HOST:PORT")
    }

    private static let maximumBytes = 2048
}
