import MeshConnection
import MeshCore

/// Runs the answering side of ping on one stream.
final class PingServerStream: StreamHandler {
    private var machine = PingResponder()
    private var output: [UInt8] = []

    func received(_ bytes: RawSpan, on stream: MeshStream) {
        machine.receive(bytes, into: &output)
        guard !output.isEmpty else { return }
        stream.write(output)
        output.removeAll(keepingCapacity: true)
    }
}

/// Measures round trips on one ping stream, one after the other.
public final class Pinger: StreamHandler {
    /// Why the pings ended early.
    public enum Failure: Error, Sendable {
        /// The peer answered something else.
        case wrongAnswer(PingError)
        /// The stream ended.
        case closed(StreamCloseReason)
    }

    private let count: Int
    private var completion: (([Duration], Failure?) -> Void)?
    private var roundTrips: [Duration] = []
    private var machine = PingInitiator()
    private var output: [UInt8] = []
    private var generator = SystemRandomNumberGenerator()

    /// Pings `count` times over `connection` and reports the round trips once; ends early with the stream.
    ///
    /// The first ping is not counted: it carries the negotiation of the stream's protocol.
    @discardableResult
    public static func run(
        over connection: PeerConnection, count: Int, completion: @escaping ([Duration], Failure?) -> Void
    ) -> MeshStream? {
        let pinger = Pinger(count: count, completion: completion)
        guard let stream = connection.openStream([PingConfiguration.protocolID], handler: pinger) else {
            completion([], .closed(.connectionLost))
            return nil
        }
        pinger.sendNext(stream)
        return stream
    }

    private init(count: Int, completion: @escaping ([Duration], Failure?) -> Void) {
        self.count = count
        self.completion = completion
        roundTrips.reserveCapacity(count + 1)
    }

    private func sendNext(_ stream: MeshStream) {
        guard roundTrips.count <= count else {
            stream.finish()
            return finish(nil)
        }
        output.removeAll(keepingCapacity: true)
        machine.start(now: .now, using: &generator, into: &output)
        stream.write(output)
    }

    /// Compares, and sends the next ping.
    public func received(_ bytes: RawSpan, on stream: MeshStream) {
        do {
            guard let roundTrip = try machine.receive(bytes, now: .now) else { return }
            roundTrips.append(roundTrip)
            sendNext(stream)
        } catch {
            finish(.wrongAnswer(error))
            stream.reset()
        }
    }

    /// Reports what was measured until then.
    public func closed(_ stream: MeshStream, reason: StreamCloseReason) {
        finish(.closed(reason))
    }

    private func finish(_ failure: Failure?) {
        completion?(Array(roundTrips.dropFirst()), failure)
        completion = nil
    }
}
