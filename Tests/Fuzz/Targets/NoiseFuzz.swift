import MeshConnection
import MeshCore
import MeshMultiformats

/// Noise handshakes and frames: strangers' bytes, and genuine messages that were damaged on the way.
enum NoiseFuzz {
    static func run(_ input: [UInt8]) throws {
        if let payload = try? NoisePayload(input.span.bytes) {
            let again = try? NoisePayload(payload.encoded.span.bytes)
            try promise(again == payload, "an encoded handshake payload decodes to itself")
        }
        var parts = FuzzInput(input)
        let isGenuine = parts.byte() & 1 == 1
        if isGenuine {
            try damaged(&parts)
        } else {
            let chunks = parts.chunks()
            strangers(.dialer, chunks)
            strangers(.listener, chunks)
        }
    }

    private static func strangers(_ role: ConnectionRole, _ chunks: [[UInt8]]) {
        var rng = SeededGenerator(seed: 3)
        var side = Side(role, FuzzKeys.own, using: &rng)
        for chunk in chunks where side.isOpen { _ = side.receive(chunk, using: &rng) }
    }

    /// A handshake whose messages are changed where the input says so, then frames that are changed likewise.
    private static func damaged(_ parts: inout FuzzInput) throws {
        var rng = SeededGenerator(seed: 4)
        var dialer = Side(.dialer, FuzzKeys.own, using: &rng)
        var listener = Side(.listener, FuzzKeys.peer, using: &rng)
        let hasDamage = parts.byte() & 1 == 1
        var message = dialer.output
        for turn in 0..<3 {
            if hasDamage { damage(&message, &parts) }
            message =
                turn.isMultiple(of: 2)
                ? listener.receive(message, using: &rng) : dialer.receive(message, using: &rng)
        }
        if !hasDamage {
            try promise(dialer.secured?.peer == FuzzKeys.peer.peerID, "a whole handshake secures the dialer")
            try promise(
                listener.secured?.peer == FuzzKeys.own.peerID, "a whole handshake secures the listener")
        }
        guard var sender = dialer.secured?.transport, var receiver = listener.secured?.transport else {
            return
        }
        while !parts.isEmpty {
            let plain = parts.take(Int(parts.byte()))
            var sealed: [UInt8] = []
            try sender.sealMessage(plain.span.bytes, appendingTo: &sealed)
            let whole = sealed
            damage(&sealed, &parts)
            var opened: [UInt8] = []
            let isOpened = (try? receiver.openMessage(sealed.span.bytes, appendingTo: &opened)) != nil
            try promise(isOpened == (sealed == whole), "exactly the whole message opens")
            try promise(opened == (isOpened ? plain : []), "what opens is what was sealed")
            if !isOpened { return }
        }
    }

    /// Changes or cuts `message` as the next bytes say; often not at all.
    private static func damage(_ message: inout [UInt8], _ parts: inout FuzzInput) {
        let kind = parts.byte()
        guard kind & 3 == 1, !message.isEmpty else { return }
        let place = (Int(parts.byte()) << 8 | Int(parts.byte())) % message.count
        if kind & 4 == 0 { message[place] ^= parts.byte() } else { message.removeLast(place) }
    }

    /// One side of a handshake.
    private struct Side {
        private var noise: NoiseSecurity
        var output: [UInt8] = []
        var secured: NoiseSecurity.Secured?
        var isOpen = true

        init(_ role: ConnectionRole, _ key: IdentityKey, using rng: inout SeededGenerator) {
            let identity = ConnectionIdentity(key, using: &rng)
            noise = NoiseSecurity(role: role, identity: identity, expectedPeer: nil, muxers: ["/yamux/1.0.0"])
            isOpen = (try? noise.start(using: &rng, into: &output)) != nil
        }

        /// What the side answers to `bytes`.
        mutating func receive(_ bytes: [UInt8], using rng: inout SeededGenerator) -> [UInt8] {
            var answer: [UInt8] = []
            var offset = 0
            do {
                if let secured = try noise.receive(bytes.span.bytes, at: &offset, using: &rng, into: &answer)
                {
                    self.secured = secured
                    isOpen = false
                }
            } catch {
                isOpen = false
            }
            return answer
        }
    }
}
