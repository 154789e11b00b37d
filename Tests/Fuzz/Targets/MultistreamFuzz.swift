import MeshConnection
import MeshCore

/// Protocol negotiation of both sides: the chunking of the bytes changes nothing.
enum MultistreamFuzz {
    private static let protocols = ["/ipfs/ping/1.0.0", "/ipfs/id/1.0.0", "/noise"]

    static func run(_ input: [UInt8]) throws {
        var parts = FuzzInput(input)
        let chunks = parts.chunks()
        let whole = Array(chunks.joined())
        let listened = listen(chunks)
        try promise(listened == listen([whole]), "a listener does not see chunks: \(listened)")
        let dialled = dial(chunks)
        try promise(dialled == dial([whole]), "a dialer does not see chunks: \(dialled)")
    }

    private struct Trace: Equatable {
        var output: [UInt8] = []
        var outcome = ""
        var takenByteCount = 0
    }

    private static func listen(_ chunks: [[UInt8]]) -> Trace {
        var listener = MultistreamListener()
        var trace = Trace()
        feed(chunks, &trace) { bytes, offset, output in
            try listener.receive(bytes, at: &offset, protocols: protocols, into: &output)
        }
        return trace
    }

    private static func dial(_ chunks: [[UInt8]]) -> Trace {
        var dialer = MultistreamDialer(proposals: protocols)
        var trace = Trace()
        dialer.start(into: &trace.output)
        feed(chunks, &trace) { bytes, offset, output in
            try dialer.receive(bytes, at: &offset, into: &output).map { "\($0)" }
        }
        return trace
    }

    private static func feed(
        _ chunks: [[UInt8]], _ trace: inout Trace,
        _ receive: (RawSpan, inout Int, inout [UInt8]) throws -> String?
    ) {
        for chunk in chunks {
            var offset = 0
            do {
                let outcome = try receive(chunk.span.bytes, &offset, &trace.output)
                trace.takenByteCount += offset
                if let outcome {
                    trace.outcome = outcome
                    return
                }
            } catch {
                // What the error quotes is what had come by then.
                trace.outcome = "failed"
                trace.takenByteCount = 0
                return
            }
        }
    }
}
