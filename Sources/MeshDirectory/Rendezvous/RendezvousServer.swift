import MeshCore
import MeshMultiformats

/// What a rendezvous point tells its node.
public enum RendezvousServerEvent: Hashable, Sendable {
    /// A peer registered, or renewed its registration.
    case registered(PeerID, RendezvousNamespace, ttlSeconds: UInt64)
    /// A peer ended its registration.
    case unregistered(PeerID, RendezvousNamespace)
    /// A registration ended by its TTL.
    case expired(PeerID, RendezvousNamespace)
}

/// A rendezvous point: peers register themselves in namespaces, and anybody asks who is there.
///
/// | request | answer |
/// |---|---|
/// | REGISTER | granted TTL, or a status; replaces the peer's registration in the namespace |
/// | UNREGISTER | none |
/// | DISCOVER | registrations newer than the cookie, in order, and the next cookie; or a status |
/// | an answer | the stream is reset |
///
/// Deviations from the specification: the least TTL is a minute and not 2 hours, and a TTL of 0 counts as absent, because
/// proto3 encoders cannot tell them apart. Source: libp2p/specs, rendezvous/README.md; Specs/registry.md.
public struct RendezvousServer: Sendable {
    /// The settings.
    public let configuration: RendezvousConfiguration
    private let cookies: RendezvousCookies
    private var store = RegistrationStore()

    /// Creates a point without registrations; `cookieSecret` is fresh random bytes.
    public init(configuration: RendezvousConfiguration = RendezvousConfiguration(), cookieSecret: Bytes32) {
        self.configuration = configuration
        cookies = RendezvousCookies(secret: cookieSecret)
    }

    /// The number of registrations, those included that expire with the next deadline.
    public var registrationCount: Int { store.count }

    /// When ``handleDeadline(now:)`` has something to do.
    public var nextDeadline: Instant? { store.nextDeadline }

    /// What a request leads to.
    public enum Reaction: Hashable, Sendable {
        /// Send the answer.
        case answer(RendezvousMessage)
        /// Send nothing; the stream stays.
        case silence
        /// The message is not a request: reset the stream.
        case reset
    }

    /// Serves one request of `peer`, whose identity the connection has proved.
    ///
    /// Only records in `readableForms` are handed out: rust-libp2p drops a whole answer that has another form in it.
    public mutating func handle(
        _ request: RendezvousMessage, from peer: PeerID,
        readableForms: [PeerRecord.Form] = PeerRecord.Form.allCases, now: Instant
    ) -> (reaction: Reaction, events: [RendezvousServerEvent]) {
        var events = handleDeadline(now: now)
        switch request {
        case .register(let registration):
            return (.answer(register(registration, peer, now, &events)), events)
        case .unregister(let namespace):
            if store.remove(.init(peer: peer, namespace: namespace)) {
                events.append(.unregistered(peer, namespace))
            }
            return (.silence, events)
        case .discover(let namespace, let limit, let cookie):
            let named = namespace?.utf8.isEmpty == false ? namespace : nil
            let answer = discover(named, limit: limit, cookie: cookie, forms: readableForms, now: now)
            return (.answer(.discoverResponse(answer)), events)
        case .registerResponse, .discoverResponse:
            return (.reset, events)
        }
    }

    /// Removes the registrations whose TTL is over.
    public mutating func handleDeadline(now: Instant) -> [RendezvousServerEvent] {
        var events: [RendezvousServerEvent] = []
        while let key = store.removeExpired(now: now) {
            events.append(.expired(key.peer, key.namespace))
        }
        return events
    }

    // MARK: REGISTER

    private mutating func register(
        _ registration: RendezvousRegistration, _ peer: PeerID, _ now: Instant,
        _ events: inout [RendezvousServerEvent]
    ) -> RendezvousMessage {
        do throws(Refusal) {
            let (ttlSeconds, form) = try check(registration, from: peer)
            let key = RegistrationStore.Key(peer: peer, namespace: registration.namespace)
            store.insert(
                .init(
                    key: key, signedPeerRecord: registration.signedPeerRecord, form: form,
                    deadline: now + .seconds(Int64(clamping: ttlSeconds))))
            events.append(.registered(peer, registration.namespace, ttlSeconds: ttlSeconds))
            return .registerResponse(status: .ok, statusText: "", ttlSeconds: ttlSeconds)
        } catch {
            return .registerResponse(status: error.status, statusText: error.text, ttlSeconds: nil)
        }
    }

    /// Why a request is refused; the text is for the people at the other end.
    private struct Refusal: Error {
        var status: RendezvousStatus
        var text: String

        init(_ status: RendezvousStatus, _ text: String) {
            self.status = status
            self.text = text
        }
    }

    /// Checks a registration, the signature last because it costs most; returns the granted TTL and the form.
    private func check(
        _ registration: RendezvousRegistration, from peer: PeerID
    ) throws(Refusal) -> (ttlSeconds: UInt64, form: PeerRecord.Form) {
        let limit = configuration.maximumNamespaceByteCount
        guard !registration.namespace.utf8.isEmpty, registration.namespace.utf8.count <= limit else {
            throw Refusal(.invalidNamespace, "the namespace must have 1 to \(limit) bytes")
        }
        let ttlSeconds = try grantedTTL(registration.ttlSeconds)
        let recordLimit = configuration.maximumRecordByteCount
        guard registration.signedPeerRecord.count <= recordLimit else {
            throw Refusal(.invalidSignedPeerRecord, "the record must have at most \(recordLimit) bytes")
        }
        try checkRoom(for: registration, of: peer)
        return (ttlSeconds, try form(of: registration.signedPeerRecord, signedBy: peer))
    }

    private func form(
        of envelope: [UInt8], signedBy peer: PeerID
    ) throws(Refusal) -> PeerRecord.Form {
        let type: [UInt8]
        let record: PeerRecord
        do {
            type = try SignedEnvelope(unverified: envelope.span.bytes).payloadType
            record = try PeerRecord.open(envelope.span.bytes).0
        } catch {
            throw Refusal(.invalidSignedPeerRecord, "the signed peer record is not valid")
        }
        guard record.peerID == peer else {
            throw Refusal(.notAuthorized, "a peer can register only itself")
        }
        return type == PeerRecord.Form.legacy.payloadType ? .legacy : .interoperable
    }

    private func grantedTTL(_ asked: UInt64?) throws(Refusal) -> UInt64 {
        guard let asked, asked > 0 else { return configuration.defaultTTLSeconds }
        let range = (configuration.minimumTTLSeconds, configuration.maximumTTLSeconds)
        guard asked >= range.0, asked <= range.1 else {
            throw Refusal(.invalidTTL, "the TTL must be \(range.0) to \(range.1) seconds")
        }
        return asked
    }

    private func checkRoom(for registration: RendezvousRegistration, of peer: PeerID) throws(Refusal) {
        let replaced = store.entry(.init(peer: peer, namespace: registration.namespace))
        let added = registration.signedPeerRecord.count - (replaced?.signedPeerRecord.count ?? 0)
        if replaced == nil {
            guard store.count(of: peer) < configuration.maximumRegistrationsPerPeer else {
                throw Refusal(
                    .unavailable,
                    "a peer has at most \(configuration.maximumRegistrationsPerPeer) registrations")
            }
            guard store.count < configuration.maximumRegistrations else {
                throw Refusal(.unavailable, "the point is full")
            }
        }
        guard store.recordByteCount + added <= configuration.maximumTotalRecordByteCount else {
            throw Refusal(.unavailable, "the point is full")
        }
    }

    // MARK: DISCOVER

    private func discover(
        _ namespace: RendezvousNamespace?, limit: UInt64?, cookie: [UInt8], forms: [PeerRecord.Form],
        now: Instant
    ) -> RendezvousDiscovery {
        let nameLimit = configuration.maximumNamespaceByteCount
        guard namespace?.utf8.count ?? 0 <= nameLimit else {
            let text = "the namespace must have at most \(nameLimit) bytes"
            return RendezvousDiscovery(status: .invalidNamespace, statusText: text)
        }
        var position: UInt64 = 0
        if !cookie.isEmpty {
            guard let known = cookies.position(of: cookie, namespace: namespace), known <= store.lastNumber
            else {
                let text = "the cookie is not of this namespace and point; ask without one"
                return RendezvousDiscovery(status: .invalidCookie, statusText: text)
            }
            position = known
        }
        let asked = limit.flatMap { $0 > 0 ? $0 : nil } ?? .max
        let page = page(namespace, after: position, asked: asked, forms: forms, now: now)
        return RendezvousDiscovery(
            registrations: page.registrations,
            cookie: cookies.cookie(position: page.position, namespace: namespace))
    }

    /// The registrations after `position` that fit the limits, and the position behind them.
    private func page(
        _ namespace: RendezvousNamespace?, after position: UInt64, asked: UInt64, forms: [PeerRecord.Form],
        now: Instant
    ) -> (registrations: [RendezvousRegistration], position: UInt64) {
        let numbers = store.numbers(in: namespace)
        let limit = Int(min(asked, UInt64(max(1, configuration.maximumResults))))
        // Room for the status, the cookie and the framing of the answer.
        var byteBudget = configuration.maximumResponseByteCount - 512
        var registrations: [RendezvousRegistration] = []
        var reached = position
        for number in numbers.values[numbers.firstIndex(after: position)...] {
            guard let entry = store.entry(numbered: number), forms.contains(entry.form) else { continue }
            // Two field headers, the TTL and the header of the whole registration take at most 24 bytes.
            byteBudget -= entry.signedPeerRecord.count + entry.key.namespace.utf8.count + 24
            guard registrations.count < limit, byteBudget >= 0 || registrations.isEmpty else {
                return (registrations, reached)
            }
            registrations.append(
                RendezvousRegistration(
                    namespace: entry.key.namespace, signedPeerRecord: entry.signedPeerRecord,
                    ttlSeconds: Self.wholeSeconds(entry.deadline.duration(since: now))))
            reached = number
        }
        return (registrations, store.lastNumber)
    }

    private static func wholeSeconds(_ duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        return UInt64(max(0, seconds)) + (attoseconds > 0 ? 1 : 0)
    }
}
