import CResolv
import MeshCore
import MeshMultiformats
import NIOCore
import NIOPosix

/// TCP over IPv4 and IPv6, with names resolved by the system.
final class TCPTransport: StreamTransport {
    let name = "tcp"
    private let loop: any EventLoop
    private let resolver: DNSResolver

    init(loop: any EventLoop, resolver: DNSResolver) {
        self.loop = loop
        self.resolver = resolver
    }

    func speaks(_ address: Multiaddr) -> Bool {
        address.withoutPeer.components.count <= 3 && address.tcpEndpoint != nil && !address.isRelayed
    }

    func dial(_ address: Multiaddr, timeout: Duration) -> EventLoopFuture<any Channel> {
        let loop = self.loop
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(.nanoseconds(timeout.wholeNanoseconds))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: Self.receiveAllocator)
            .channelOption(.writeBufferWaterMark, value: Self.waterMark)
        return socketAddresses(address).assumeIsolated().flatMap { addresses in
            Self.connect(bootstrap, addresses[...], address, timeout, loop)
        }.nonisolated()
    }

    func listen(
        _ address: Multiaddr, accept: @escaping (any Channel) -> Void
    ) -> EventLoopFuture<any Channel> {
        let bound = NIOLoopBound(accept, eventLoop: loop)
        let bootstrap = ServerBootstrap(group: loop, childGroup: loop)
            .serverChannelOption(.backlog, value: SwarmConfiguration.listenBacklog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.recvAllocator, value: Self.receiveAllocator)
            .childChannelOption(.writeBufferWaterMark, value: Self.waterMark)
            .childChannelInitializer { channel in
                bound.value(channel)
                return channel.eventLoop.makeSucceededVoidFuture()
            }
        let loop = self.loop
        return socketAddresses(address).assumeIsolated().flatMap { addresses in
            guard let first = addresses.first else {
                return loop.makeFailedFuture(TransportError.unsupportedAddress(address))
            }
            return bootstrap.bind(to: first)
        }.flatMapErrorThrowing { error in throw Self.transportError(error, "listen", nil) }.nonisolated()
    }

    /// Large reads keep bulk streams cheap; small first reads keep idle connections small.
    private static let receiveAllocator = AdaptiveRecvByteBufferAllocator(
        minimum: 1024, initial: 2048, maximum: 1 << 18)

    /// Writable again below the low mark; the high mark is what a socket is kept busy with.
    private static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 1 << 18, high: 1 << 20)

    /// Tries the addresses of one name in turn.
    private static func connect(
        _ bootstrap: ClientBootstrap, _ addresses: ArraySlice<SocketAddress>, _ origin: Multiaddr,
        _ timeout: Duration, _ loop: any EventLoop
    ) -> EventLoopFuture<any Channel> {
        guard let first = addresses.first else {
            return loop.makeFailedFuture(TransportError.unsupportedAddress(origin))
        }
        return bootstrap.connect(to: first).assumeIsolated().flatMapError { error in
            guard addresses.count > 1 else {
                return loop.makeFailedFuture(transportError(error, "connect", timeout))
            }
            return connect(bootstrap, addresses.dropFirst(), origin, timeout, loop)
        }.nonisolated()
    }

    private func socketAddresses(_ address: Multiaddr) -> EventLoopFuture<[SocketAddress]> {
        guard let (host, port) = address.tcpEndpoint else {
            return loop.makeFailedFuture(TransportError.unsupportedAddress(address))
        }
        switch host {
        case .ip4(let word):
            var socket = sockaddr_in()
            socket.sin_family = sa_family_t(AF_INET)
            socket.sin_port = port.bigEndian
            socket.sin_addr.s_addr = word.bigEndian
            return loop.makeSucceededFuture([SocketAddress(socket)])
        case .ip6(let bytes, let zone):
            var socket = sockaddr_in6()
            socket.sin6_family = sa_family_t(AF_INET6)
            socket.sin6_port = port.bigEndian
            withUnsafeMutableBytes(of: &socket.sin6_addr) { $0.copyBytes(from: bytes.prefix(16)) }
            if let zone { socket.sin6_scope_id = UInt32(zone) ?? if_nametoindex(zone) }
            return loop.makeSucceededFuture([SocketAddress(socket)])
        case .dns(let name, let family):
            let number =
                switch family {
                case .any: AF_UNSPEC
                case .ip4: AF_INET
                case .ip6: AF_INET6
                }
            return resolver.addresses(name, port: port, family: number, on: loop)
        }
    }

    /// One error type for everything that NIO throws here.
    private static func transportError(
        _ error: any Error, _ operation: String, _ timeout: Duration?
    ) -> TransportError {
        switch error {
        case let error as TransportError: return error
        case ChannelError.connectTimeout: return .timedOut(timeout ?? .zero)
        case let error as IOError:
            return .socket(
                operation: operation, code: error.errnoCode,
                reason: String(cString: strerror(error.errnoCode)))
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first {
                return transportError(first.error, operation, timeout)
            }
            return .socket(operation: operation, code: 0, reason: "no address of \(error.host) answered")
        default: return .socket(operation: operation, code: 0, reason: "\(error)")
        }
    }
}
