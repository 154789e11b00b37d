import MeshConnection
import MeshCore
import MeshMultiformats
import NIOCore

/// One dial of a peer over all its addresses: drives the dial machine with real sockets and timers.
final class SwarmDial {
    private unowned let swarm: Swarm
    private let key: DialKey
    private let peer: PeerID?
    private let isManual: Bool
    private var completions: [DialCompletion]
    private var machine: DialStateMachine?
    private var addresses: [Multiaddr] = []
    private var running: [Int: Running] = [:]
    private var timer: Scheduled<Void>?
    private var wrongPeer: PeerID?
    private var winner: PeerConnection?
    private var isDone = false

    private enum Running {
        case connecting
        case handshaking(PeerConnection)
    }

    init(swarm: Swarm, key: DialKey, peer: PeerID?, isManual: Bool, completion: @escaping DialCompletion) {
        self.swarm = swarm
        self.key = key
        self.peer = peer
        self.isManual = isManual
        completions = [completion]
    }

    func add(_ completion: @escaping DialCompletion) {
        completions.append(completion)
    }
}
