import MeshCore
import Testing

@testable import MeshCRDTBenchmarks

/// Reading traces: positions in UTF-16, and files that are not what they should be.
@Suite struct EditingTraceTests {
    private static func trace(_ json: String) throws(TraceError) -> EditingTrace {
        try EditingTrace(Array(json.utf8))
    }

    @Test func `patches and the final text are read`() throws {
        let trace = try Self.trace(
            #"{"startContent":"","endContent":"b\n\u00e9","txns":[{"time":"x","patches":[[0,0,"a"]]},{"patches":[[0,1,""],[0,0,"b\n\u00e9"]]}]}"#
        )
        #expect(trace.endContent == "b\né")
        #expect(trace.transactions.map(\.patches) == [0..<1, 1..<3])
        #expect(
            trace.patches == [
                .init(position: 0, deleteCount: 0, text: "a"), .init(position: 0, deleteCount: 1, text: ""),
                .init(position: 0, deleteCount: 0, text: "b\né"),
            ])
        #expect(!trace.isConcurrent)
    }

    @Test func `parents and agents of a concurrent trace are read`() throws {
        let trace = try Self.trace(
            #"{"kind":"concurrent","endContent":"ab","numAgents":2,"txns":[{"parents":[],"agent":0,"patches":[[0,0,"a"]]},{"parents":[],"agent":1,"patches":[[0,0,"b"]]},{"parents":[0,1],"agent":1,"patches":[]}]}"#
        )
        #expect(trace.isConcurrent)
        #expect(trace.agentCount == 2)
        #expect(trace.transactions.map(\.agent) == [0, 1, 1])
        #expect(trace.transactions.map { Array(trace.parents[$0.parents]) } == [[], [], [0, 1]])
    }

    @Test func `escapes in texts are read, pairs of surrogates too`() throws {
        let trace = try Self.trace(
            #"{"endContent":"\"\\\/\b\f\n\r\t\u0041\ud83d\ude00","txns":[]}"#)
        #expect(trace.endContent == "\"\\/\u{8}\u{c}\n\r\tA😀")
    }

    @Test func `positions of texts with characters outside the basic plane become UTF-16 units`() throws {
        var rng = SeededGenerator(seed: 11)
        for _ in 0..<200 {
            var scalars: [Unicode.Scalar] = []
            var astral = AstralPositions()
            for _ in 0..<40 {
                let position = Int.random(in: 0...scalars.count, using: &rng)
                let count = Int.random(in: 0...min(3, scalars.count - position), using: &rng)
                let text = String(
                    (0..<Int.random(in: 0...3, using: &rng)).map { _ in
                        Bool.random(using: &rng) ? "😀" : Bool.random(using: &rng) ? "a" : "é"
                    }.joined())
                let patch = EditingTrace.Patch(position: position, deleteCount: count, text: text)
                let before = String(String.UnicodeScalarView(scalars))
                let expected = Self.units(scalars, patch)
                #expect(astral.convert(patch) == expected)
                #expect(AstralPositions.convert(patch, in: before) == expected)
                scalars.replaceSubrange(position..<(position + count), with: Array(text.unicodeScalars))
            }
            let beyond = EditingTrace.Patch(position: scalars.count, deleteCount: 1, text: "")
            #expect(astral.convert(beyond) == nil)
            #expect(AstralPositions.convert(beyond, in: String(String.UnicodeScalarView(scalars))) == nil)
        }
    }

    /// The patch in UTF-16 units, by counting.
    private static func units(
        _ scalars: [Unicode.Scalar], _ patch: EditingTrace.Patch
    ) -> EditingTrace.Patch {
        func length(_ part: ArraySlice<Unicode.Scalar>) -> Int {
            part.reduce(0) { $0 + ($1.value > 0xffff ? 2 : 1) }
        }
        let end = patch.position + patch.deleteCount
        return .init(
            position: length(scalars[..<patch.position]), deleteCount: length(scalars[patch.position..<end]),
            text: patch.text)
    }

    @Test func `a text with such characters is replayed at the right places`() throws {
        let sequential = try Self.trace(
            #"{"startContent":"","endContent":"😀b😀!","txns":[{"patches":[[0,0,"😀😀"]]},{"patches":[[1,0,"ab"]]},{"patches":[[1,1,""],[3,0,"!"]]}]}"#
        )
        let concurrent = try Self.trace(
            #"{"kind":"concurrent","numAgents":1,"endContent":"😀b😀!","txns":[{"parents":[],"agent":0,"patches":[[0,0,"😀😀"]]},{"parents":[0],"agent":0,"patches":[[1,0,"ab"]]},{"parents":[1],"agent":0,"patches":[[1,1,""],[3,0,"!"]]}]}"#
        )
        for trace in [sequential, concurrent] {
            let outcome = try TraceReplay(trace).run(collecting: .v1)
            #expect(outcome.document.text(TraceReplay.rootName).string == "😀b😀!")
        }
    }

    @Test(arguments: [
        ("", "an object"), ("[]", "an object"), ("{\"txns\":[{]}", "a string"),
        ("{\"txns\":[{\"patches\":[[0,0]]}]}", "a patch of position, count and text"),
        ("{\"txns\":[{\"patches\":[[0.5,0,\"a\"]]}]}", "a whole number"),
        ("{\"txns\":[{\"patches\":[[99999999999999999999,0,\"a\"]]}]}", "a whole number"),
        ("{\"endContent\":\"a", "the end of a string"), ("{\"endContent\":\"\\x\"}", "an escape"),
        ("{\"endContent\":\"\\u12", "four hexadecimal digits"), ("{\"a\":1}}", "the end"),
        ("{\"a\":" + String(repeating: "[", count: 100_000), "a value"),
    ])
    func `what is not a trace is refused with the place`(json: String, expected: String) throws {
        let error = #expect(throws: TraceError.self) { try Self.trace(json) }
        guard case .unexpected(expected, let offset) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect((0...json.utf8.count).contains(offset))
    }

    @Test func `a trace without its members or with impossible references is refused`() throws {
        #expect(throws: TraceError.missing(member: "txns")) { try Self.trace(#"{"endContent":""}"#) }
        #expect(throws: TraceError.missing(member: "endContent")) { try Self.trace(#"{"txns":[]}"#) }
        for transaction in [
            #"{"parents":[0],"agent":0,"patches":[]}"#, #"{"parents":[-1],"agent":0,"patches":[]}"#,
            #"{"parents":[],"agent":1,"patches":[]}"#,
        ] {
            #expect(throws: TraceError.impossibleReference(transaction: 0)) {
                try Self.trace(
                    #"{"kind":"concurrent","numAgents":1,"endContent":"","txns":[\#(transaction)]}"#)
            }
        }
        #expect(throws: TraceError.outsideText(transaction: 0)) {
            try Self.trace(#"{"endContent":"","txns":[{"patches":[[-1,0,"a"]]}]}"#)
        }
        #expect(throws: TraceError.outsideText(transaction: 0)) {
            try Self.trace(#"{"endContent":"","txns":[{"patches":[[1,0,"😀"]]}]}"#)
        }
        let beyond = try Self.trace(#"{"endContent":"","txns":[{"patches":[[1,0,"a"]]}]}"#)
        #expect(throws: TraceError.outsideText(transaction: 0)) {
            try TraceReplay(beyond).run(collecting: nil)
        }
    }

    @Test func `gzip that is cut off, damaged or too large is refused`() throws {
        let json = Array(#"{"endContent":"","txns":[]}"#.utf8)
        #expect(try GzipData.unpacked(Self.gzip) == json)
        for count in 2..<Self.gzip.count {
            #expect(throws: TraceError.self) { try GzipData.unpacked(Array(Self.gzip[..<count])) }
        }
        for index in 10..<Self.gzip.count {
            var damaged = Self.gzip
            damaged[index] ^= 0x55
            #expect(throws: TraceError.self) { try GzipData.unpacked(damaged) }
        }
        #expect(throws: TraceError.tooLarge(limit: json.count - 1)) {
            try GzipData.unpacked(Self.gzip, limit: json.count - 1)
        }
        #expect(try GzipData.unpacked(json) == json)
    }

    /// An empty trace, packed by Python's gzip module.
    private static let gzip: [UInt8] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab, 0x56, 0x4a, 0xcd, 0x4b, 0x71,
        0xce, 0xcf, 0x2b, 0x49, 0xcd, 0x2b, 0x51, 0xb2, 0x52, 0x52, 0xd2, 0x51, 0x2a, 0xa9, 0xc8, 0x2b,
        0x56, 0xb2, 0x8a, 0x8e, 0xad, 0x05, 0x00, 0xdc, 0xed, 0xf8, 0x40, 0x1b, 0x00, 0x00, 0x00,
    ]
}
