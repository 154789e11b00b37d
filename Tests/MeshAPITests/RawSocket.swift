import Glibc
import NIOCore
import NIOPosix

/// A Unix socket that is bound and not yet listening.
func bound(to path: String) -> CInt {
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    _ = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    return descriptor
}

/// Closes the socket and leaves its file, as a killed process does.
func closeSocket(_ descriptor: CInt) {
    close(descriptor)
}

/// Answers every connection with the same bytes and closes it, while `body` runs.
func withRawServer(_ path: String, answer: String, _ body: () async throws -> Void) async throws {
    let bytes = Array(answer.utf8)
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .childChannelInitializer { child in
            child.eventLoop.makeCompletedFuture {
                try child.pipeline.syncOperations.addHandler(FixedAnswer(bytes))
            }
        }
        .bind(unixDomainSocketPath: path).get()
    do {
        try await body()
        try await channel.close()
    } catch {
        try await channel.close()
        throw error
    }
}

/// Writes its bytes as soon as somebody connects, and closes.
private final class FixedAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        context.close(promise: nil)
    }
}

/// Sends a text to a port of this machine, and gives what comes back until the other side closes.
func rawExchange(_ port: Int, _ text: String) async throws -> String {
    let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
    return try await connection.executeThenClose { inbound, outbound in
        var answer = ""
        do {
            if !text.isEmpty { try await outbound.write(ByteBuffer(string: text)) }
            for try await part in inbound { answer += String(buffer: part) }
        } catch let error as IOError where error.errnoCode == ECONNRESET || error.errnoCode == EPIPE {
            // A server that closes while bytes of ours are on their way resets the connection: that is an end too.
        } catch is ChannelError {
            // Closed before our bytes were written.
        }
        return answer
    }
}
