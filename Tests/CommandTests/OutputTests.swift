import FoundationEssentials
import MeshAPI
import MeshNode
import Testing

@testable import meshp2p

@Suite struct OutputTests {
    private static let outputs: [any CommandOutput] =
        FindKind.allCases.map { FindOutput(report: SampleReports.find($0, trace: true)) } + [
            DialOutput(report: SampleReports.dial), MeshesOutput(report: SampleReports.meshes),
            StatusOutput(report: SampleReports.status),
            ReadyOutput(status: SampleReports.status, api: nil, startMilliseconds: 1300, home: "/home/x"),
            FailureOutput(
                failure: MeshFailure(
                    .unreachable, SampleReports.hostile, next: SampleReports.hostile,
                    attempts: SampleReports.dial.attempts)),
        ]

    @Test func `nothing that a peer says reaches the terminal raw`() {
        for output in Self.outputs {
            for isVerbose in [false, true] {
                for line in output.lines(Layout(isVerbose: isVerbose)) {
                    #expect(
                        !line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202e }, "\(line)")
                }
            }
        }
    }

    @Test func `a peer cannot add a line to what the command says`() {
        for output in Self.outputs.dropLast() {
            #expect(!output.lines(Layout()).contains { $0.hasPrefix("next:") })
        }
    }

    @Test func `eighty columns are enough`() {
        // What people copy is whole: full addresses of `find`, the line for others to join with.
        for output in Self.outputs where !(output is FailureOutput) {
            for line in output.lines(Layout()) where !line.contains("/p2p/") && !line.contains("…") {
                #expect(line.count <= 80, "\(line)")
            }
        }
        for line in DialOutput(report: SampleReports.dial).lines(Layout()).dropFirst() {
            #expect(line.count <= 80, "\(line)")
        }
    }

    @Test func `colour only where it is wanted`() {
        for output in Self.outputs {
            let plain = output.lines(Layout())
            let coloured = output.lines(Layout(style: Style(isColoured: true)))
            #expect(!plain.joined().contains("\u{1b}"))
            #expect(coloured.joined().replacing(/\u{1b}\[\d+m/, with: "") == plain.joined())
        }
    }

    @Test func `a dial shows what happened on the way`() {
        var report = SampleReports.dial
        report.name = "harbour"
        report.agent = "meshp2p/0.1.0"
        #expect(
            DialOutput(report: report).lines(Layout()) == [
                #"12D3KooWG…BXYf  "harbour"  did:key:z6Mkp…vktH"#,
                "  found through   DHT, 2 hops",
                "  tried           /ip6/2001:db8:…:5678/tcp/4101  timed out: no answer      5.0 s",
                "                  /ip4/192.0.2.1/tcp/4101        connected                 12 ms",
                "  secured         Noise XX; yamux (negotiated early); 3.1 ms in all",
                "  agent           meshp2p/0.1.0   2 protocols",
                "  sees us as      /ip6/2001:db8:1234:5678:9abc:de…V5oB6eTQ8MUJ4mm2WgsqZmcLMjBXYf",
                "  round trip      20 pings: min 11.8  median 12.1  max 14.0 ms",
                "  path            direct, tcp",
            ])
    }

    @Test func `a failure ends with what to do next`() {
        let failure = MeshFailure(
            .noPeers, "nobody is known", next: "name a peer with --bootstrap\n  or start one")
        #expect(
            FailureOutput(failure: failure).lines(Layout()) == [
                "nobody is known", "next: name a peer with --bootstrap", "  or start one",
            ])
    }

    @Test func `several claimants of a name are no identity`() {
        let lines = FindOutput(report: SampleReports.find(.mesh)).lines(Layout())
        #expect(
            lines.first == #"2 meshes claim the name "harbour"; a name is not an identity, compare the DID:"#)
    }

    @Test func `a value that is no text is shown as base64`() {
        var report = SampleReports.find(.value)
        report.value = Base64Text.encode([0x1b, 0x5b, 0x32, 0x4a])
        #expect(FindOutput(report: report).lines(Layout())[1] == "G1sySg==")
        report.value = Base64Text.encode([0xff, 0xfe])
        #expect(FindOutput(report: report).lines(Layout())[1] == "//4=")
    }
}
