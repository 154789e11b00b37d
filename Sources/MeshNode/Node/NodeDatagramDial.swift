import MeshConnection
import MeshCore
import MeshMultiformats
import MeshTransport
import NIOCore

extension Node {
    /// Dials over Noise datagrams: a handshake with a first request in it, then `count` more as pings.
    func dialDatagrams(_ resolution: Resolution, count: Int) async throws -> DialReport {
        guard let peer = resolution.peer else {
            throw MeshFailure(
                .badArgument,
                "a udp/noise address must name its peer: the handshake is made with that peer alone",
                next: "put /p2p/PEERID behind the address")
        }
        guard peer != identity.peerID else {
            throw MeshFailure(.badArgument, "\(peer) is this node itself")
        }
        let services = try running()
        let wasOpen = services.driver.carrier.hasSession(with: peer)
        let start = NIODeadline.now()
        let failure = await pingDatagrams(peer, resolution.addresses)
        let elapsed = Double((NIODeadline.now() - start).nanoseconds) / 1_000_000
        let answered = services.driver.carrier.address(of: peer)
        let attempts = Self.attempts(
            resolution.addresses, answered: answered, failure: failure, milliseconds: elapsed)
        if let failure {
            throw MeshFailure(dialling: peer, failure, attempts: attempts)
        }
        let trips = await pingsOverDatagrams(peer, resolution.addresses, count: count)
        let address = answered ?? resolution.addresses.first
        return DialReport(
            peer: peer.description, did: peer.publicKey?.did, name: resolution.name,
            foundThrough: resolution.foundThrough, address: address?.description ?? "",
            transport: "noise-udp", security: "noise", muxer: nil, muxerNegotiatedEarly: false, agent: "",
            protocolVersion: "", protocols: [configuration.kadProtocolID], observedAddress: nil,
            connectMilliseconds: elapsed, roundTripMilliseconds: trips, path: "direct",
            attempts: wasOpen ? [] : attempts)
    }

    private func pingsOverDatagrams(
        _ peer: PeerID, _ addresses: [Multiaddr], count: Int
    ) async -> DialReport.RoundTrips? {
        var milliseconds: [Double] = []
        for _ in 0..<count {
            let start = NIODeadline.now()
            guard await pingDatagrams(peer, addresses) == nil else { break }
            milliseconds.append(Double((NIODeadline.now() - start).nanoseconds) / 1_000_000)
        }
        let sorted = milliseconds.sorted()
        guard let least = sorted.first, let greatest = sorted.last else { return nil }
        return DialReport.RoundTrips(
            count: sorted.count, min: least, median: sorted[sorted.count / 2], max: greatest)
    }

    private func pingDatagrams(_ peer: PeerID, _ addresses: [Multiaddr]) async -> DatagramFailure? {
        guard let driver = services?.driver else { return .closed }
        return await withCheckedContinuation { continuation in
            driver.ping(peer, addresses: addresses) { continuation.resume(returning: $0) }
        }
    }

    /// The endpoint tries several addresses itself and tells which one answered.
    private static func attempts(
        _ addresses: [Multiaddr], answered: Multiaddr?, failure: DatagramFailure?, milliseconds: Double
    ) -> [DialReport.Attempt] {
        addresses.map { address in
            if failure == nil {
                let isWinner = address == answered || addresses.count == 1
                return DialReport.Attempt(
                    address: address.description, outcome: isWinner ? "connected" : "cancelled",
                    milliseconds: milliseconds, error: nil)
            }
            return DialReport.Attempt(
                address: address.description, outcome: "failed", milliseconds: milliseconds,
                error: failure?.description)
        }
    }
}

extension MeshFailure {
    /// Says why a peer is not reached over datagrams.
    init(dialling peer: PeerID, _ failure: DatagramFailure, attempts: [DialReport.Attempt]) {
        switch failure {
        case .wrongPeer(let actual):
            self.init(
                .wrongPeer,
                "another peer answered: \(actual) instead of \(peer); our identity was not sent",
                next: "check the peer id in the address", attempts: attempts)
        case .wrongNetwork:
            self.init(
                .refused, "\(peer) belongs to another network",
                next: "name its network with --network or --kad-protocol", attempts: attempts)
        case .incompatible:
            self.init(.unsupportedProtocol, "\(peer): \(failure)", attempts: attempts)
        case .limit, .refused(.busy):
            self.init(.limit, "\(peer): \(failure)", attempts: attempts)
        case .closed, .timedOut, .noAddress, .badHandshake, .refused:
            self.init(
                .unreachable, "could not reach \(peer): \(failure)",
                next: "`meshp2p find peer \(peer)` for other addresses", attempts: attempts)
        }
    }
}
