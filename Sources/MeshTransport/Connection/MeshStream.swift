import MeshConnection
import MeshCore

/// Why a stream is gone.
public enum StreamCloseReason: Error, Hashable, Sendable {
    /// Both sides finished writing.
    case finished
    /// A side reset the stream; the code is the peer's, or zero.
    case reset(code: UInt32)
    /// The peer speaks none of the proposed protocols.
    case refused
    /// More bytes were written than the peer takes and the limit allows.
    case bufferFull
    /// The connection ended.
    case connectionLost
}

/// The protocol logic at our end of one stream.
///
/// All calls come on the connection's event loop.
public protocol StreamHandler: AnyObject {
    /// The peer opened the stream and asked for this handler's protocol.
    func accepted(_ stream: MeshStream)
    /// The peer confirmed the protocol of a stream that we opened.
    func negotiated(_ stream: MeshStream)
    /// Bytes came; a handler copies what it keeps. The peer gets new credit when the call returns.
    func received(_ bytes: RawSpan, on stream: MeshStream)
    /// The peer finished writing.
    func ended(_ stream: MeshStream)
    /// There is room to write again after ``MeshStream/isWritable`` was false.
    func writable(_ stream: MeshStream)
    /// The stream is gone; called once, and last.
    func closed(_ stream: MeshStream, reason: StreamCloseReason)
}

extension StreamHandler {
    /// Nothing to do by default.
    public func accepted(_ stream: MeshStream) {}
    /// Nothing to do by default.
    public func negotiated(_ stream: MeshStream) {}
    /// Answers the peer's end with our own.
    public func ended(_ stream: MeshStream) { stream.finish() }
    /// Nothing to do by default.
    public func writable(_ stream: MeshStream) {}
    /// Nothing to do by default.
    public func closed(_ stream: MeshStream, reason: StreamCloseReason) {}
}

/// One multiplexed stream of a connection.
///
/// Belongs to the connection's event loop.
public final class MeshStream {
    /// The connection, nil once the stream is gone.
    public private(set) weak var connection: PeerConnection?
    /// The id on the wire.
    public let id: StreamID
    /// The protocol; for a stream that we opened, the first proposal until the peer confirmed one.
    public internal(set) var protocolID: String
    /// The protocol logic.
    public var handler: (any StreamHandler)?
    /// Whether the stream can still be used.
    public private(set) var isOpen = true
    /// Whether the stream is only kept for a next request; set by its handler.
    ///
    /// It keeps no connection open.
    public var isIdle = false {
        didSet { if !isIdle { connection?.noteUse() } }
    }
    var wantsWritable = false

    init(connection: PeerConnection, id: StreamID, protocolID: String, handler: (any StreamHandler)?) {
        self.connection = connection
        self.id = id
        self.protocolID = protocolID
        self.handler = handler
    }

    /// Sends `bytes`, or keeps them until the peer's window and the socket take them.
    ///
    /// A stream that holds more than the limit is reset.
    public func write(_ bytes: RawSpan) {
        guard isOpen else { return }
        connection?.write(bytes, to: self)
    }

    /// Sends `bytes`.
    public func write(_ bytes: [UInt8]) {
        write(bytes.span.bytes)
    }

    /// Sends `message` behind its length.
    public func writeDelimited(_ message: [UInt8]) {
        write(DelimitedBuffer.encode(message))
    }

    /// Says that nothing more will be written.
    public func finish() {
        guard isOpen else { return }
        connection?.finish(self)
    }

    /// Ends both directions at once.
    ///
    /// The handler's `closed` is called.
    public func reset(code: UInt32 = 0) {
        guard isOpen else { return }
        connection?.reset(self, code: code)
    }

    /// Whether little enough is buffered that more should be written; when it is false, the handler's
    /// `writable` is called later.
    public var isWritable: Bool {
        guard isOpen, let connection else { return false }
        if connection.hasRoom(for: self) { return true }
        wantsWritable = true
        return false
    }

    func close(_ reason: StreamCloseReason) {
        guard isOpen else { return }
        isOpen = false
        let handler = self.handler
        self.handler = nil
        handler?.closed(self, reason: reason)
    }
}
