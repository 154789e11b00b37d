/// What reaches a message machine from its driver.
public enum Input<Peer: Hashable & Sendable, Message: Sendable>: Sendable {
    /// A request of `peer` that wants an answer under `token`.
    case request(Message, from: Peer, token: RequestToken)
    /// The answer to our request `token`.
    case response(Message, from: Peer, token: RequestToken)
    /// Our request `token` was not answered: refused, reset, timed out, or the peer unreachable.
    case failure(RequestToken, from: Peer)
    /// The deadline that the machine asked for has come.
    case deadline
}

/// Names one request between a machine and its driver.
@frozen
public struct RequestToken: Hashable, Sendable {
    /// A number that the side which created the token does not reuse.
    public var value: UInt64

    /// Creates the token numbered `value`.
    @inlinable
    public init(_ value: UInt64) {
        self.value = value
    }
}

/// One thing that a machine asks of its driver.
public enum Effect<Peer: Hashable & Sendable, Message: Sendable, Event: Sendable>: Sendable {
    /// Send `message` to `peer` and report its answer or failure under `token`.
    case request(Message, to: Peer, token: RequestToken)
    /// Send `message` to `peer`; nothing is reported.
    case send(Message, to: Peer)
    /// Answer the request `token` of `peer`; nil means: reset the stream, the request was invalid.
    case respond(Message?, to: Peer, token: RequestToken)
    /// Something that the driver or the application should know.
    case event(Event)
}

/// The buffer that a machine appends its effects to; the driver reuses it.
public struct Effects<Peer: Hashable & Sendable, Message: Sendable, Event: Sendable>: Sendable {
    /// The effects in the order in which they must happen.
    public var list: [Effect<Peer, Message, Event>] = []

    /// Creates an empty buffer.
    public init() {}

    /// Appends one effect.
    @inlinable
    public mutating func append(_ effect: Effect<Peer, Message, Event>) {
        list.append(effect)
    }
}

/// A protocol as a value: inputs and time go in, effects come out, and nothing else happens.
///
/// Time and randomness are arguments, so that the node and the simulator run the same code.
public protocol StateMachine: Sendable {
    /// How the machine names the other side.
    associatedtype Peer: Hashable & Sendable
    /// What is sent and received.
    associatedtype Message: Sendable
    /// What is reported to the driver.
    associatedtype Event: Sendable

    /// Handles one input at the time `now`, appending what must happen to `effects`.
    mutating func handle(
        _ input: Input<Peer, Message>, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout Effects<Peer, Message, Event>)

    /// When the machine wants `Input.deadline` next.
    var nextDeadline: Instant? { get }
}
