import Logging
import MeshConnection
import MeshCore
import MeshDHT
import MeshMultiformats
import MeshTransport

/// Carries Kademlia messages in Noise datagrams, and knows which peers are reached that way.
///
/// A peer whose datagrams got no answer, or another peer's, is asked over streams for ten minutes, if it has any; then
/// datagrams are tried again, for the way may be open by then. Belongs to the node's event loop.
final class DatagramCarrier {
    /// What came of a request.
    enum Outcome {
        case answered(KadMessage)
        /// The peer refused, or is busy.
        case refused(DatagramRefusal)
        /// The way over datagrams does not lead to the peer now.
        case unreachable(DatagramFailure)
    }

    /// How long datagrams to a peer are given up after they failed.
    static let setAsideDuration = Duration.seconds(600)
    /// Peers whose datagrams are given up at one time; beyond, the one given up first is tried again.
    static let maximumSetAsideCount = 1024
    /// What an answer has for closer peers: two datagrams (Specs/noise-datagrams.md, section 6), and one packet lost in
    /// a hundred costs one answer in fifty.
    static let answerByteCount = 2 * 1160
    /// What an answer has more for each provider: an identity and a few addresses.
    static let providerByteCount = 110
    /// The longest message: eight parts.
    static let maximumByteCount = 8 * 1160

    private let service: DatagramService
    private let logger: Logger
    private var setAside: [PeerID: Instant] = [:]
    /// What is known of the peers with sessions.
    private var sessions: [PeerID: Session] = [:]

    private struct Session {
        var address: DatagramAddress
        let servesKad: Bool
    }

    init(service: DatagramService, logger: Logger) {
        self.service = service
        self.logger = logger
    }

    // MARK: Who

    /// Sets what handshakes tell of this node: as many addresses as fit, of datagrams and of streams by turns.
    func announce(servesKad: Bool, addresses: [Multiaddr]) {
        let datagrams = addresses.filter(\.isNoiseDatagram)
        let streams = addresses.filter { !$0.isNoiseDatagram }
        var mixed: [Multiaddr] = []
        for index in 0..<max(datagrams.count, streams.count) {
            if index < datagrams.count { mixed.append(datagrams[index]) }
            if index < streams.count { mixed.append(streams[index]) }
        }
        service.announce(servesKad: servesKad, addresses: mixed)
    }

    func hasSession(with peer: PeerID) -> Bool { service.hasSession(with: peer) }

    /// Where the session with the peer leads, if there is one.
    func address(of peer: PeerID) -> Multiaddr? { sessions[peer]?.address.multiaddr }

    /// Whether the peer of a session said that it answers Kademlia requests.
    func servesKad(_ peer: PeerID) -> Bool { sessions[peer]?.servesKad ?? false }

    func established(_ info: DatagramSessionInfo) {
        sessions[info.peer] = Session(address: info.address, servesKad: info.servesKad)
        setAside[info.peer] = nil
    }

    func moved(_ peer: PeerID, to address: DatagramAddress) {
        sessions[peer]?.address = address
    }

    func closed(_ peer: PeerID) {
        sessions[peer] = nil
    }

    // MARK: Asking

    /// The datagram addresses at which the peer is to be asked, perhaps none when a session stands; nil: ask over a
    /// stream.
    func route(to peer: PeerID, known: [Multiaddr], hasStream: Bool) -> [Multiaddr]? {
        let usable = known.filter(\.isNoiseDatagram)
        if service.hasSession(with: peer) { return usable }
        guard !usable.isEmpty else { return nil }
        guard hasStream, let since = setAside[peer] else { return usable }
        guard since + Self.setAsideDuration <= .now else { return nil }
        setAside[peer] = nil
        return usable
    }

    /// Asks the peer and reports once what came of it.
    ///
    /// The acknowledgement of ADD_PROVIDER, which streams do not have, is given as the request itself.
    func request(
        _ message: KadMessage, to peer: PeerID, addresses: [Multiaddr],
        completion: @escaping (Outcome) -> Void
    ) {
        let bytes = message.encoded()
        guard bytes.count <= Self.maximumByteCount else { return completion(.refused(.tooLarge)) }
        service.request(bytes, to: peer, addresses: addresses) { result in
            switch result {
            case .success(let bytes):
                guard message.kind.isAnswered else { return completion(.answered(message)) }
                guard let answer = try? KadMessage.decode(bytes.span.bytes), answer.kind == message.kind
                else { return completion(.refused(.invalid)) }
                completion(.answered(answer))
            case .failure(.refused(let reason)):
                completion(.refused(reason))
            case .failure(let failure):
                completion(.unreachable(failure))
            }
        }
    }

    /// Notes that datagrams do not reach a peer that has streams.
    func giveUp(_ peer: PeerID, _ failure: DatagramFailure) {
        if setAside.count >= Self.maximumSetAsideCount,
            let oldest = setAside.min(by: { ($0.value, $0.key.kadKey) < ($1.value, $1.key.kadKey) })
        {
            setAside[oldest.key] = nil
        }
        setAside[peer] = .now
        logger.debug("asking over streams instead: \(failure)", metadata: ["peer": "\(peer)"])
    }

    /// Asks for nothing but an answer, and reports the failure, if any.
    ///
    /// A refusal is an answer too.
    func ping(_ peer: PeerID, addresses: [Multiaddr], completion: @escaping (DatagramFailure?) -> Void) {
        let message = KadMessage(kind: .ping).encoded()
        service.request(message, to: peer, addresses: addresses.filter(\.isNoiseDatagram)) { result in
            switch result {
            case .success, .failure(.refused): completion(nil)
            case .failure(let failure): completion(failure)
            }
        }
    }

    // MARK: Answering

    /// Sends the answer to a request, or refuses it for a reason when there is none.
    func respond(_ message: KadMessage?, _ token: RequestToken, otherwise reason: DatagramRefusal) {
        guard let message else { return service.refuse(token, reason) }
        let bytes =
            message.kind.isAnswered
            ? message.encoded(limit: Self.room(for: message)) : KadMessage(kind: message.kind).encoded()
        guard bytes.count <= Self.maximumByteCount else { return service.refuse(token, .tooLarge) }
        service.respond(bytes, to: token)
    }

    /// Peers that do not fit lose addresses first, so that an answer is seldom more than two datagrams; a value and
    /// providers have room of their own.
    private static func room(for message: KadMessage) -> Int {
        let recordByteCount = message.record.map { $0.key.count + $0.value.count + message.key.count } ?? 0
        return min(
            maximumByteCount,
            answerByteCount + recordByteCount + providerByteCount * message.providerPeers.count)
    }
}
