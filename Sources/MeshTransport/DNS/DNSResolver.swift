import CResolv
import MeshCore
import NIOCore
import NIOPosix

/// Asks the system's resolver, on a thread that may block.
public struct DNSResolver: Sendable {
    /// Answers beyond this are not read.
    ///
    /// Source: the largest DNS message over UDP with EDNS in practice.
    private static let answerByteCount = 8192
    /// Addresses of one host that are kept.
    private static let maximumAddressCount = 16

    private let pool: NIOThreadPool

    /// Creates a resolver on the process-wide thread pool for blocking calls.
    public init(pool: NIOThreadPool = .singleton) {
        self.pool = pool
    }

    /// The TXT texts of `name`, at most `limit`; empty when there are none or the resolver failed.
    public func texts(_ name: String, limit: Int, on loop: any EventLoop) -> EventLoopFuture<[String]> {
        pool.runIfActive(eventLoop: loop) {
            var answer = [UInt8](repeating: 0, count: Self.answerByteCount)
            let count = answer.withUnsafeMutableBufferPointer { buffer in
                mesh_txt_query(name, buffer.baseAddress, Int32(buffer.count))
            }
            guard count > 0, Int(count) <= answer.count else { return [] }
            let texts = TXTAnswer.texts(answer.span.bytes.extracting(0..<Int(count)), limit: limit) ?? []
            return texts.compactMap { String(validating: $0, as: UTF8.self) }
        }
    }

    /// The addresses of `host` with `port`, IPv6 first as the system orders them.
    func addresses(
        _ host: String, port: UInt16, family: Int32, on loop: any EventLoop
    ) -> EventLoopFuture<[SocketAddress]> {
        pool.runIfActive(eventLoop: loop) {
            var hints = addrinfo()
            hints.ai_family = family
            hints.ai_socktype = Int32(1)  // SOCK_STREAM
            var list: UnsafeMutablePointer<addrinfo>?
            let status = getaddrinfo(host, String(port), &hints, &list)
            guard status == 0 else {
                throw TransportError.unresolved(host: host, reason: String(cString: gai_strerror(status)))
            }
            defer { freeaddrinfo(list) }
            var addresses: [SocketAddress] = []
            var next = list
            while let entry = next, addresses.count < Self.maximumAddressCount {
                if let address = Self.address(entry.pointee) { addresses.append(address) }
                next = entry.pointee.ai_next
            }
            return addresses
        }
    }

    private static func address(_ entry: addrinfo) -> SocketAddress? {
        guard let raw = entry.ai_addr else { return nil }
        switch entry.ai_family {
        case AF_INET:
            return raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) }
        case AF_INET6:
            return raw.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) }
        default:
            return nil
        }
    }
}
