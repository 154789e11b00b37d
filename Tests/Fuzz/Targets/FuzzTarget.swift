/// One parser or machine under the fuzzer: it takes any bytes, must not trap, and must keep its promises.
public struct FuzzTarget: Sendable {
    /// The name for `make fuzz TARGET=…`, which is also the name of the folder with its seeds.
    public let name: String
    /// Feeds one input; throws when a promise is broken.
    public let run: @Sendable ([UInt8]) throws -> Void

    /// Every target.
    public static let all: [FuzzTarget] = [
        FuzzTarget(name: "awareness", run: DocumentProtocolFuzz.runAwareness),
        FuzzTarget(name: "connection", run: ConnectionFuzz.run),
        FuzzTarget(name: "datagram", run: DatagramFuzz.run),
        FuzzTarget(name: "datagram-session", run: DatagramSessionFuzz.run),
        FuzzTarget(name: "delete-set", run: ClockTableFuzz.runDeleteSet),
        FuzzTarget(name: "envelope", run: EnvelopeFuzz.run),
        FuzzTarget(name: "identify", run: IdentifyFuzz.run),
        FuzzTarget(name: "kad", run: KadFuzz.run),
        FuzzTarget(name: "multiaddr", run: MultiaddrFuzz.run),
        FuzzTarget(name: "multistream", run: MultistreamFuzz.run),
        FuzzTarget(name: "noise", run: NoiseFuzz.run),
        FuzzTarget(name: "relative-position", run: DocumentPositionFuzz.runRelativePosition),
        FuzzTarget(name: "rendezvous", run: RendezvousFuzz.run),
        FuzzTarget(name: "snapshot", run: DocumentPositionFuzz.runSnapshot),
        FuzzTarget(name: "state-vector", run: ClockTableFuzz.runStateVector),
        FuzzTarget(name: "sync", run: DocumentProtocolFuzz.runSync),
        FuzzTarget(name: "update-v1", run: DocumentUpdateFuzz.runFirstFormat),
        FuzzTarget(name: "update-v2", run: DocumentUpdateFuzz.runSecondFormat),
        FuzzTarget(name: "yamux", run: YamuxFuzz.run),
    ]
}

/// A promise that an input broke.
public struct FuzzViolation: Error, CustomStringConvertible {
    /// What was promised, and what came instead.
    public let description: String
}

/// Throws when `condition` does not hold.
func promise(_ condition: Bool, _ what: @autoclosure () -> String) throws {
    if !condition { throw FuzzViolation(description: what()) }
}
