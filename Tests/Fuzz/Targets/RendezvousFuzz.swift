import MeshCore
import MeshDirectory
import MeshMultiformats

/// Rendezvous and heartbeat messages, and the point that serves them.
enum RendezvousFuzz {
    static func run(_ input: [UInt8]) throws {
        if let message = try? RendezvousMessage(decoding: input.span.bytes) {
            let again = try? RendezvousMessage(decoding: message.encoded.span.bytes)
            try promise(again == message, "an encoded message decodes to itself: \(message)")
        }
        if let response = try? HeartbeatResponse(decoding: input.span.bytes) {
            let again = try? HeartbeatResponse(decoding: response.encoded.span.bytes)
            try promise(again == response, "an encoded response decodes to itself: \(response)")
        }
        try serve(input)
    }

    /// Several requests of two peers, with genuine records in place of the input's where it asks for that.
    private static func serve(_ input: [UInt8]) throws {
        var server = RendezvousServer(cookieSecret: .zero)
        var now = Instant.zero
        var parts = FuzzInput(input)
        while !parts.isEmpty {
            let command = parts.byte()
            let key = command & 1 == 0 ? FuzzKeys.own : FuzzKeys.peer
            var bytes = parts.take(Int(parts.byte()))
            if command & 2 != 0 {
                let record = PeerRecord(peerID: key.peerID, sequence: 1, addresses: [])
                let form: PeerRecord.Form = command & 4 == 0 ? .interoperable : .legacy
                let namespace = RendezvousNamespace(String(decoding: bytes.prefix(8), as: UTF8.self))
                bytes =
                    RendezvousMessage.register(
                        RendezvousRegistration(
                            namespace: namespace, signedPeerRecord: record.sealed(by: key, form: form))
                    ).encoded
            }
            guard let request = try? RendezvousMessage(decoding: bytes.span.bytes) else { continue }
            now = now + .seconds(Int64(command >> 3) * 600)
            let (reaction, _) = server.handle(request, from: key.peerID, now: now)
            guard case .answer(let answer) = reaction else { continue }
            let again = try? RendezvousMessage(decoding: answer.encoded.span.bytes)
            try promise(again == answer, "an answer decodes to itself: \(answer)")
        }
    }
}
