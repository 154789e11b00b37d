import CDatagram
import MeshConnection
import MeshMultiformats
import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One UDP socket: the event loop tells when there is something to read, everything else is system calls of ours.
///
/// Through NIO's pipeline a received datagram costs three times and a sent one twice the system call. So NIO reads one
/// datagram per wake-up, which it cannot be kept from, and the rest of a burst is taken in batches.
final class DatagramSocket {
    /// Bytes of one place in the receive buffer: the protocol's longest datagram and room to notice longer ones.
    static let slotByteCount = 1280
    /// Datagrams that one call receives at most.
    static let batchCount = Int(MESH_DATAGRAM_BATCH)

    /// What became of datagrams that were to be sent.
    enum Sending {
        case sent
        /// The socket's buffer is full.
        case bufferFull
        case failed(code: Int32)
    }

    /// The address that the socket is bound to.
    let address: DatagramAddress
    /// Whether peers are told of the address.
    let isListening: Bool
    private let descriptor: Int32
    private var channel: (any Channel)?
    private var isClosed = false

    /// Opens a socket bound to `address`.
    init(
        _ address: DatagramAddress, isListening: Bool, receiveByteCount: Int
    ) throws(TransportError) {
        var system = address.system
        descriptor = mesh_datagram_open(&system, Int32(clamping: receiveByteCount))
        guard descriptor >= 0 else { throw Self.error("bind", -descriptor) }
        let failure = mesh_datagram_bound_address(descriptor, &system)
        guard failure == 0 else {
            mesh_datagram_close(descriptor)
            throw Self.error("getsockname", -failure)
        }
        self.address = DatagramAddress(system)
        self.isListening = isListening
    }

    deinit {
        if channel == nil, !isClosed { mesh_datagram_close(descriptor) }
    }

    /// Has the event loop tell `handler` when there is something to read; the loop owns the descriptor from now on.
    func register(on loop: any EventLoop, handler: some ChannelInboundHandler) {
        let handler = NIOLoopBound(handler, eventLoop: loop)
        let bound = NIOLoopBound(self, eventLoop: loop)
        DatagramBootstrap(group: loop)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(
                .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: Self.slotByteCount)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    bound.value.channel = channel
                    try channel.pipeline.syncOperations.addHandler(handler.value)
                }
            }
            .withBoundSocket(descriptor)
            .whenFailure { _ in bound.value.isClosed = true }
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        if let channel { channel.close(promise: nil) } else { mesh_datagram_close(descriptor) }
    }

    /// Notes that the event loop closed the descriptor, whose number may soon be somebody else's.
    func closed() {
        isClosed = true
    }

    // MARK: Receiving

    /// Receives at most `limit` datagrams with one call and gives each to `body`; returns how many there were.
    ///
    /// One that was longer than a place comes cut, but longer than the protocol allows, so that it is dropped. The memory
    /// is taken for the call only: an idle node holds none.
    func receive(limit: Int, _ body: (RawSpan, DatagramAddress) -> Void) -> Int {
        guard !isClosed else { return 0 }
        let limit = min(limit, Self.batchCount)
        return withUnsafeTemporaryAllocation(byteCount: limit * Self.slotByteCount, alignment: 16) { slots in
            withUnsafeTemporaryAllocation(of: mesh_datagram_received.self, capacity: limit) { list in
                guard let base = slots.baseAddress, let first = list.baseAddress else { return 0 }
                let count = Int(
                    mesh_datagram_receive(descriptor, base, Self.slotByteCount, UInt32(limit), first))
                guard count > 0 else { return 0 }
                for index in 0..<count {
                    let byteCount = min(Int(list[index].byte_count), Self.slotByteCount)
                    let start = index * Self.slotByteCount
                    let slot = UnsafeRawBufferPointer(rebasing: slots[start..<start + byteCount])
                    body(slot.bytes, DatagramAddress(list[index].from))
                }
                return count
            }
        }
    }

    // MARK: Sending

    /// Sends one datagram.
    func send(_ bytes: RawSpan, to address: DatagramAddress) -> Sending {
        guard !isClosed else { return .failed(code: EBADF) }
        var system = address.system
        let result = bytes.withUnsafeBytes { buffer -> Int32 in
            guard let base = buffer.baseAddress else { return 0 }
            return mesh_datagram_send(descriptor, base, buffer.count, &system)
        }
        return Self.sending(-result)
    }

    private static func sending(_ code: Int32) -> Sending {
        switch code {
        case 0: .sent
        case EAGAIN, ENOBUFS: .bufferFull
        default: .failed(code: code)
        }
    }

    private static func error(_ operation: String, _ code: Int32) -> TransportError {
        .socket(operation: operation, code: code, reason: String(cString: strerror(code)))
    }
}
