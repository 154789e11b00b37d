import MeshConnection
import MeshCore
import MeshCrypto
import MeshMultiformats

/// What the primitives cost: curve, signatures, AEAD by size and library, hash, and the handshakes made of them.
public enum CryptoBenchmark {
    /// A datagram of a small record, that of a usual RPC, a large one, and two sizes of a stream.
    static let sealedByteCounts = [64, 216, 1024, 16_384, 65_536]

    /// Names of the primitives, for ``run(primitive:milliseconds:progress:)``.
    public static let primitives = [
        "x25519-keygen", "x25519-dh", "ed25519-sign", "ed25519-verify", "chacha20-poly1305-seal",
        "chacha20-poly1305-open", "sha-256", "noise-xx", "noise-ik", "noise-xx-identity",
    ]

    /// Measures the primitives whose names begin with `primitive`, each case for about `milliseconds`.
    public static func run(
        primitive: String, milliseconds: Int, progress: (String) -> Void
    ) throws -> CryptoReport {
        let load = LoadAverage.lastMinute
        var bench = CryptoCases(milliseconds: milliseconds)
        for name in primitives where name.hasPrefix(primitive) {
            progress(name)
            try bench.measure(name)
        }
        return CryptoReport(millisecondsEach: milliseconds, loadAverage: load, cases: bench.cases)
    }
}

/// The cases of one call, and the keys that they share.
private struct CryptoCases {
    let milliseconds: Int
    private(set) var cases: [CryptoReport.Case] = []
    private var rng = SeededGenerator(seed: 1)
    private let ours: X25519PrivateKey
    private let theirs: X25519PrivateKey
    private let signer: Ed25519PrivateKey

    init(milliseconds: Int) {
        self.milliseconds = milliseconds
        ours = X25519PrivateKey(using: &rng)
        theirs = X25519PrivateKey(using: &rng)
        signer = Ed25519PrivateKey(using: &rng)
    }

    mutating func measure(_ name: String) throws {
        switch name {
        case "x25519-keygen":
            let scalar = Bytes32.random(using: &rng)
            add(name, work { keep(X25519PrivateKey(scalar)) })
        case "x25519-dh":
            let point = theirs.publicKey
            add(name, try work { keep(try ours.sharedSecret(with: point)) })
        case "ed25519-sign", "ed25519-verify": measureSignatures(name)
        case "chacha20-poly1305-seal": measureSealing(name)
        case "chacha20-poly1305-open": try measureOpening(name)
        case "sha-256":
            for count in CryptoBenchmark.sealedByteCounts {
                let message = bytes(count)
                add(name, byteCount: count, work { keep(SHA256.hash(message.span.bytes)) })
            }
        case "noise-xx": try measureNoise(name, .xx)
        case "noise-ik": try measureNoise(name, .ik)
        default: try measureIdentities(name)
        }
    }

    private mutating func measureSignatures(_ name: String) {
        // What a handshake signs: a prefix and a static key.
        let message = bytes(64)
        guard name == "ed25519-verify" else {
            return add(name, byteCount: message.count, work { keep(signer.sign(message)) })
        }
        let signature = signer.sign(message)
        let key = signer.publicKey
        add(
            name, byteCount: message.count,
            work {
                keep(
                    Ed25519.verify(signature: signature.span.bytes, of: message.span.bytes, by: key))
            })
    }

    private mutating func measureSealing(_ name: String) {
        let key = ChaChaPolyKey(.random(using: &rng))
        let header = bytes(17)
        for count in CryptoBenchmark.sealedByteCounts {
            let plaintext = bytes(count)
            for backend in ChaChaPolyKey.Backend.allCases {
                var nonce: UInt64 = 0
                var output: [UInt8] = []
                output.reserveCapacity(count + ChaChaPolyKey.tagByteCount)
                let work = work {
                    output.removeAll(keepingCapacity: true)
                    key.seal(
                        plaintext.span.bytes, nonce: nonce, additionalData: header.span.bytes,
                        backend: backend, appendingTo: &output)
                    nonce += 1
                }
                add(name, byteCount: count, backend: backend.rawValue, work)
            }
        }
    }

    private mutating func measureOpening(_ name: String) throws {
        let key = ChaChaPolyKey(.random(using: &rng))
        let header = bytes(17)
        for count in CryptoBenchmark.sealedByteCounts {
            var sealed: [UInt8] = []
            key.seal(
                bytes(count).span.bytes, nonce: 7, additionalData: header.span.bytes, appendingTo: &sealed)
            for backend in ChaChaPolyKey.Backend.allCases {
                var output: [UInt8] = []
                output.reserveCapacity(count)
                let work = try work {
                    output.removeAll(keepingCapacity: true)
                    try key.open(
                        sealed.span.bytes, nonce: 7, additionalData: header.span.bytes, backend: backend,
                        appendingTo: &output)
                }
                add(name, byteCount: count, backend: backend.rawValue, work)
            }
        }
    }

    /// Both ends of a Noise handshake with new ephemeral keys and empty payloads, without a signature.
    private mutating func measureNoise(_ name: String, _ pattern: NoisePattern) throws {
        var generator = rng
        let (ours, theirs) = (ours, theirs)
        let work = try work {
            var dialer = NoiseHandshake(
                pattern: pattern, role: .dialer, staticKey: ours,
                ephemeralKey: X25519PrivateKey(using: &generator),
                remoteStaticKey: pattern.responderIsKnown ? theirs.publicKey : nil)
            var listener = NoiseHandshake(
                pattern: pattern, role: .listener, staticKey: theirs,
                ephemeralKey: X25519PrivateKey(using: &generator))
            for index in pattern.messages.indices {
                var message: [UInt8] = []
                if index.isMultiple(of: 2) {
                    try dialer.writeMessage(payload: [UInt8]().span.bytes, appendingTo: &message)
                    _ = try listener.readMessage(message.span.bytes)
                } else {
                    try listener.writeMessage(payload: [UInt8]().span.bytes, appendingTo: &message)
                    _ = try dialer.readMessage(message.span.bytes)
                }
            }
        }
        add(name, work)
    }

    /// Both ends of libp2p's handshake: Noise XX with signed static keys, each verified by the other end.
    private mutating func measureIdentities(_ name: String) throws {
        var generator = rng
        let client = ConnectionIdentity(IdentityKey(using: &generator), using: &generator)
        let server = ConnectionIdentity(IdentityKey(using: &generator), using: &generator)
        let work = try work {
            var dialer = NoiseSecurity(
                role: .dialer, identity: client, expectedPeer: server.peerID, muxers: [])
            var listener = NoiseSecurity(role: .listener, identity: server, expectedPeer: nil, muxers: [])
            var (toListener, toDialer, offset) = ([UInt8](), [UInt8](), 0)
            try dialer.start(using: &generator, into: &toListener)
            try listener.start(using: &generator, into: &toDialer)
            _ = try listener.receive(toListener.span.bytes, at: &offset, using: &generator, into: &toDialer)
            (toListener, offset) = ([], 0)
            _ = try dialer.receive(toDialer.span.bytes, at: &offset, using: &generator, into: &toListener)
            offset = 0
            keep(
                try listener.receive(
                    toListener.span.bytes, at: &offset, using: &generator, into: &toDialer))
        }
        add(name, work)
    }

    private mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &rng) }
    }

    private func work<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) -> RepeatedWork {
        try RepeatedWork(milliseconds: milliseconds, body)
    }

    private mutating func add(
        _ primitive: String, byteCount: Int? = nil, backend: String? = nil, _ work: RepeatedWork
    ) {
        cases.append(
            CryptoReport.Case(
                primitive: primitive, byteCount: byteCount, backend: backend,
                nanoseconds: work.nanoseconds.rounded(digits: 1),
                nanosecondsMinimum: work.nanosecondsMinimum.rounded(digits: 1),
                megabytesPerSecond: byteCount.map {
                    (Double($0) * 1000 / work.nanoseconds).rounded(digits: 1)
                },
                repetitions: work.repetitions))
    }
}

/// Makes the compiler keep the work whose result this is.
@inline(never) @_optimize(none)
func keep<Value>(_ value: Value) {}
