import MeshConnection
import MeshCore
import NIOCore

/// Feeds what arrives at one socket to the service.
///
/// NIO hands over one datagram per wake-up. Whether there are more is asked when the last wake-up had more, and else only
/// now and then: on a quiet socket asking costs more than it finds.
final class DatagramReader: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    /// Wake-ups after which a quiet socket is asked for more.
    private static let quietWakeUps = 8
    /// Full batches in one wake-up; after them the other work of the loop has its turn.
    private static let maximumBatches = 8

    private unowned let service: DatagramService
    private let socket: DatagramSocket
    private var isBusy = false
    private var wakeUps = 0

    init(service: DatagramService, socket: DatagramSocket) {
        self.service = service
        self.socket = socket
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let address = DatagramAddress(envelope.remoteAddress) else { return }
        service.noteArrival(from: address, over: socket)
        envelope.data.withUnsafeReadableBytes { buffer in
            service.received(buffer.bytes, from: address, at: .now)
        }
        service.process()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        wakeUps += 1
        guard isBusy || wakeUps % Self.quietWakeUps == 0 else { return }
        // In a flood there is always more: one question for one datagram would cost as much as for all of them.
        let limit = isBusy ? DatagramSocket.batchCount : 1
        let count = take(limit)
        isBusy = count > 0
        guard count == limit else { return }
        for _ in 0..<Self.maximumBatches where take(DatagramSocket.batchCount) < DatagramSocket.batchCount {
            return
        }
    }

    /// Takes at most `limit` datagrams in one batch.
    private func take(_ limit: Int) -> Int {
        let now = Instant.now
        let count = socket.receive(limit: limit) { datagram, address in
            service.noteArrival(from: address, over: socket)
            service.received(datagram, from: address, at: now)
        }
        if count > 0 { service.process() }
        return count
    }

    func channelInactive(context: ChannelHandlerContext) {
        socket.closed()
    }

    /// The kernel reports here what became of an earlier datagram: somebody's port is closed.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
