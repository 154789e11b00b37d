import MeshConnection
import MeshCore

/// Identify messages in any chunking.
enum IdentifyFuzz {
    static func run(_ input: [UInt8]) throws {
        var parts = FuzzInput(input)
        let chunks = parts.chunks()
        let message = decode(chunks)
        try promise(message == decode([Array(chunks.joined())]), "a decoder does not see chunks")
        guard let message else { return }
        _ = message.addresses(of: FuzzKeys.own.peerID)
        _ = message.record(of: FuzzKeys.own.peerID)
        for part in message.encodeParts() {
            try promise(
                part.count <= IdentifyConfiguration.maximumSentPartByteCount, "parts keep to their limit")
        }
        guard let again = decode([message.encode()]) else {
            throw FuzzViolation(description: "an encoded message decodes")
        }
        try promise(again.publicKey == message.publicKey, "an encoded message keeps its key")
        try promise(again.agentVersion == message.agentVersion, "an encoded message keeps its agent")
        try promise(
            again.observedAddress == message.observedAddress, "an encoded message keeps the observed address")
    }

    private static func decode(_ chunks: [[UInt8]]) -> IdentifyMessage? {
        var decoder = IdentifyDecoder()
        do {
            for chunk in chunks { try decoder.receive(chunk.span.bytes) }
            return try decoder.finish()
        } catch {
            return nil
        }
    }
}
