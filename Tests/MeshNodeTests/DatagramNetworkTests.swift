import MeshMultiformats
import MeshNode
import Testing

/// Nodes that talk in Noise datagrams over loopback sockets in this process.
@Suite(.timeLimit(.minutes(2)))
struct DatagramNetworkTests {
    @Test func `nodes on UDP only find and store everything through each other, without one connection`()
        async throws
    {
        try await TestNetwork.run { network in
            let entrance = try await network.node(carriers: .datagrams)
            var nodes = [entrance]
            for index in 1..<5 {
                nodes.append(
                    try await network.node(name: "mesh \(index)", through: entrance, carriers: .datagrams))
            }
            for node in nodes.dropFirst() { try await node.waitUntilPublished() }
            let value = Base64.encode(Array("kept in datagrams".utf8))
            let stored = try await nodes[1].put(PutRequest(key: "some key", value: value))
            #expect(stored.stored >= 3)
            let provided = try await nodes[2].provide(ProvideRequest(key: "some content"))
            #expect(provided.stored >= 3)
            for node in nodes {
                try await network.expect(node, finds: value, under: "some key")
                let providers = try await node.find(
                    FindRequest(kind: .providers, key: "some content", trace: false))
                #expect(providers.providers?.map(\.id) == [nodes[2].peer])
                for other in nodes where other.peer != node.peer {
                    let found = try await node.find(FindRequest(kind: .peer, key: other.peer, trace: true))
                    #expect(found.peer?.addresses == (await other.addresses))
                }
                let mesh = try await node.find(FindRequest(kind: .mesh, key: "mesh 3", trace: false))
                #expect(mesh.meshes?.map(\.peer) == [nodes[3].peer])
                let status = try await node.status()
                #expect(status.connections.isEmpty)
                #expect(try #require(status.datagrams).sessions >= 1)
            }
        }
    }

    @Test func `a network of nodes on UDP only, on TCP only and on both finds everything that is reachable`()
        async throws
    {
        try await TestNetwork.run { network in
            let entrance = try await network.node(carriers: .both)
            var nodes = [entrance]
            let carriers: [TestNetwork.Carriers] = [.streams, .datagrams, .both]
            for carriers in carriers + carriers {
                nodes.append(try await network.node(through: entrance, carriers: carriers))
            }
            for (index, node) in nodes.enumerated() {
                let value = Base64.encode(Array("value \(index)".utf8))
                let stored = try await node.put(PutRequest(key: "key \(index)", value: value))
                #expect(stored.stored >= nodes.count - 2, "node \(index)")
                let provided = try await node.provide(ProvideRequest(key: "content \(index)"))
                #expect(provided.stored >= nodes.count - 2, "node \(index)")
            }
            for node in nodes {
                for (index, other) in nodes.enumerated() {
                    try await network.expect(
                        node, finds: Base64.encode(Array("value \(index)".utf8)), under: "key \(index)")
                    let providers = try await node.find(
                        FindRequest(kind: .providers, key: "content \(index)", trace: false))
                    #expect(providers.providers?.map(\.id) == [other.peer])
                    guard other.peer != node.peer else { continue }
                    let found = try await node.find(FindRequest(kind: .peer, key: other.peer, trace: true))
                    #expect(found.peer?.addresses.isEmpty == false)
                }
            }
        }
    }

    @Test func `between nodes with both carriers the directory is asked in datagrams`() async throws {
        try await TestNetwork.run { network in
            let entrance = try await network.node(carriers: .both)
            let member = try await network.node(through: entrance, carriers: .both)
            let asker = try await network.node(through: member, carriers: .both)
            _ = try await member.provide(ProvideRequest(key: "content"))
            let before = try #require(try await asker.status().datagrams).requestsSent
            let found = try await asker.find(FindRequest(kind: .providers, key: "content", trace: true))
            let after = try #require(try await asker.status().datagrams).requestsSent
            #expect(after > before)
            let addresses = (found.trace ?? []).filter { $0.outcome == "answered" }.map(\.address)
            #expect(!addresses.isEmpty)
            for address in addresses { #expect(address?.contains("/udp/") == true) }
        }
    }

    @Test func `a client that listens nowhere asks in datagrams`() async throws {
        try await TestNetwork.run { network in
            let entrance = try await network.node(carriers: .datagrams)
            let member = try await network.node(through: entrance, carriers: .datagrams)
            _ = try await member.provide(ProvideRequest(key: "content"))
            let client = try await network.node(through: entrance, carriers: .none)
            let found = try await client.find(FindRequest(kind: .providers, key: "content", trace: false))
            #expect(found.providers?.map(\.id) == [member.peer])
            #expect(try await client.status().kadMode == "client")
            #expect(try await member.status().routingTable.peers == 1)
        }
    }

    @Test func `a private network talks in datagrams, and a stranger gets no answer`() async throws {
        let key = "/key/swarm/psk/1.0.0/\n/base16/\n" + String(repeating: "5e", count: 32)
        try await TestNetwork.run { network in
            let entrance = try await network.node(carriers: .datagrams, presharedKey: key)
            let member = try await network.node(
                through: entrance, carriers: .datagrams, presharedKey: key)
            let value = Base64.encode(Array("private".utf8))
            _ = try await member.put(PutRequest(key: "key", value: value))
            try await network.expect(entrance, finds: value, under: "key")
            let stranger = try await network.node(carriers: .datagrams)
            let address = try #require(await entrance.addresses.first)
            let failure = await #expect(throws: MeshFailure.self) {
                try await stranger.dial(DialRequest(target: address, count: 0))
            }
            #expect(failure?.code == .unreachable)
        }
    }
}

extension TestNetwork {
    nonisolated func expect(_ node: Node, finds value: String, under key: String) async throws {
        let found = try await node.find(FindRequest(kind: .value, key: key, trace: false))
        #expect(found.value == value)
    }
}
