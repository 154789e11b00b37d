import Logging
import MeshMultiformats
import MeshNode
import Testing

/// Nodes on loopback sockets in this process.
@Suite(.timeLimit(.minutes(2)))
struct NodeNetworkTests {
    @Test func `a node finds the mesh of another by name, by did and by skill, without a registry`()
        async throws
    {
        try await TestNetwork.run { network in
            let entrance = try await network.node()
            let harbour = try await network.node(name: "Harbour", capabilities: ["rooms"], through: entrance)
            try await harbour.waitUntilPublished()
            let asker = try await network.node(through: entrance)
            for (kind, key) in [(FindKind.mesh, "harbour"), (.mesh, harbour.did), (.skill, "rooms")] {
                let report = try await asker.find(FindRequest(kind: kind, key: key, trace: true))
                let mesh = try #require(report.meshes?.first)
                #expect(report.meshes?.count == 1)
                #expect(mesh.did == harbour.did)
                #expect(mesh.peer == harbour.peer)
                #expect(mesh.name == "Harbour")
            }
        }
    }

    @Test func `a name that two meshes claim gives both, and dialling it asks which`() async throws {
        try await TestNetwork.run { network in
            let entrance = try await network.node()
            let first = try await network.node(name: "twin", through: entrance)
            let second = try await network.node(name: "TWIN", through: entrance)
            try await first.waitUntilPublished()
            try await second.waitUntilPublished()
            let report = try await entrance.find(FindRequest(kind: .mesh, key: "twin", trace: false))
            #expect(Set(report.meshes?.map(\.did) ?? []) == [first.did, second.did])
            let failure = await #expect(throws: MeshFailure.self) {
                try await entrance.dial(DialRequest(target: "twin", count: 0))
            }
            #expect(failure?.code == .badArgument)
            #expect(failure?.next?.contains(first.did) == true)
        }
    }

    @Test
    func `with every registry and entrance gone a new node still finds an earlier mesh through any member`()
        async throws
    {
        try await TestNetwork.run { network in
            let registry = try await network.node(isRegistry: true)
            let published = try await network.node(name: "lighthouse", through: registry, registry: registry)
            let member = try await network.node(name: "member", through: registry, registry: registry)
            try await published.waitUntilPublished()
            try await member.waitUntilPublished()
            await registry.stop()
            let fresh = try await network.node(through: member)
            let report = try await fresh.find(FindRequest(kind: .mesh, key: published.did, trace: false))
            #expect(report.meshes?.first?.name == "lighthouse")
            let dialled = try await fresh.dial(DialRequest(target: published.did, count: 1))
            #expect(dialled.peer == published.peer)
        }
    }

    @Test func `values and providers are found from every node`() async throws {
        try await TestNetwork.run { network in
            let entrance = try await network.node()
            var nodes = [entrance]
            for _ in 0..<8 { nodes.append(try await network.node(through: entrance)) }
            let value = Base64.encode(Array("kept".utf8))
            let stored = try await nodes[3].put(PutRequest(key: "some key", value: value))
            #expect(stored.stored >= 3)
            _ = try await nodes[5].provide(ProvideRequest(key: "some content"))
            for node in nodes {
                let found = try await node.find(FindRequest(kind: .value, key: "some key", trace: false))
                #expect(found.value == value)
                let providers = try await node.find(
                    FindRequest(kind: .providers, key: "some content", trace: false))
                #expect(providers.providers?.map(\.id) == [nodes[5].peer])
                let other = nodes[7]
                let peer = try await node.find(FindRequest(kind: .peer, key: other.peer, trace: true))
                #expect(peer.peer?.addresses.isEmpty == false)
            }
        }
    }

    @Test func `a registry lists a mesh with its counts and never one that is not public`() async throws {
        try await TestNetwork.run { network in
            let registry = try await network.node(isRegistry: true)
            let shown = try await network.node(name: "shown", through: registry, registry: registry)
            let hidden = try await network.node(
                name: "hidden", isPublic: false, through: registry, registry: registry)
            try await shown.waitUntilPublished()
            try await hidden.waitUntilPublished()
            await shown.setCounts(members: 7, bots: 2)
            let page = await network.poll {
                let page = try? await registry.registryListing(ListingQuery())
                return page?.entries.contains { $0.memberCount == 7 } == true ? page : nil
            }
            let entry = try #require(page?.entries.first)
            #expect(page?.entries.map(\.name) == ["shown"])
            #expect(entry.botCount == 2)
            #expect(entry.status == "online")
            #expect(entry.did == shown.did)
            await shown.stop()
            let stopped = await network.poll {
                let page = try? await registry.registryListing(ListingQuery(status: "offline"))
                return page?.entries.first
            }
            #expect(stopped?.did == shown.did)
        }
    }

    @Test func `a malformed filter of the listing is refused`() async throws {
        try await TestNetwork.run { network in
            let registry = try await network.node(isRegistry: true)
            for query in [ListingQuery(name: "\u{202e}"), ListingQuery(cursor: "no cursor")] {
                let failure = await #expect(throws: MeshFailure.self) {
                    try await registry.registryListing(query)
                }
                #expect(failure?.code == .badArgument)
            }
        }
    }

    @Test func `an address with the peer id of somebody else is refused`() async throws {
        try await TestNetwork.run { network in
            let honest = try await network.node()
            let other = try await network.node()
            let caller = try await network.node(through: honest)
            let address = try #require(await honest.addresses.first).replacing(honest.peer, with: other.peer)
            let failure = await #expect(throws: MeshFailure.self) {
                try await caller.dial(DialRequest(target: address, count: 0))
            }
            #expect(failure?.code == .wrongPeer)
            #expect(failure?.message.contains(honest.peer) == true)
        }
    }

    @Test func `two nodes that dial each other at once keep one connection for their streams`() async throws {
        try await TestNetwork.run { network in
            let left = try await network.node()
            let right = try await network.node()
            let addresses = (
                try #require(await left.addresses.first), try #require(await right.addresses.first)
            )
            async let one = right.dial(DialRequest(target: addresses.0, count: 1))
            async let two = left.dial(DialRequest(target: addresses.1, count: 1))
            #expect(try await one.peer == left.peer)
            #expect(try await two.peer == right.peer)
            let single = await network.poll {
                let counts = [
                    try? await left.status().connections.count, try? await right.status().connections.count,
                ]
                return counts == [1, 1] ? true : nil
            }
            #expect(single == true)
        }
    }

    @Test func `a dial of a closed port names the address and its cause`() async throws {
        try await TestNetwork.run { network in
            let gone = try await network.node()
            let address = try #require(await gone.addresses.first)
            await gone.stop()
            let caller = try await network.node()
            let failure = await #expect(throws: MeshFailure.self) {
                try await caller.dial(DialRequest(target: address, count: 0))
            }
            #expect(failure?.code == .unreachable)
            #expect(failure?.attempts?.count == 1)
            #expect(failure?.attempts?.first?.error?.contains("refused") == true)
        }
    }
}
