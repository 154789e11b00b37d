import Testing

extension InteropTests {
    /// The directory without the peers that let its members in.
    @Suite struct RejoinTests {
        @Test func `a restarted node rejoins from its own table when every registry is gone`() async throws {
            try await Stage.run { stage in
                let registry = try await stage.node("registry", as: "registry")
                let entry = [registry.address]
                let published = try await stage.node("published", bootstrap: entry, registries: entry)
                let member = try await stage.node("member", bootstrap: entry, registries: entry)
                let restarting = try await stage.node("restarting", bootstrap: entry, registries: entry)
                for node in [member, restarting] {
                    try await findMesh(published, through: node, stage)
                }
                await registry.process.killHard()
                #expect(await restarting.process.stop(within: .seconds(5)))

                let restarted = try await stage.node("restarting")
                #expect(restarted.ready.peer == restarting.ready.peer)
                try await findMesh(published, through: restarted, stage)
                let status = try await stage.command(["status"], through: restarted).report(StatusReport.self)
                #expect(status.routingTable.peers >= 2)

                let newcomer = try await stage.node("newcomer", bootstrap: [member.address])
                try await findMesh(published, through: newcomer, stage)
            }
        }

        /// Waits until `node` finds the mesh of `published` by its name.
        private func findMesh(_ published: OurNode, through node: OurNode, _ stage: Stage) async throws {
            var last = ""
            try await eventually(within: .seconds(20), "find mesh published", details: { last }) {
                let result = try await stage.command(["find", "mesh", "published"], through: node)
                last = result.description
                guard result.exitCode == 0 else { return false }
                return try result.report(FindMeshReport.self).meshes.contains {
                    $0.did == published.ready.did
                }
            }
        }
    }
}
