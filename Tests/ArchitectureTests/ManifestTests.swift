import Testing

/// The manifest, the folders and the layers say the same.
@Suite struct ManifestTests {
    private let manifest: Manifest

    init() throws {
        manifest = try Manifest(Repository.text("Package.swift"))
    }

    @Test func `every folder of sources is a target`() {
        let declared = Set(manifest.targets.map(\.name))
        #expect(ManifestTests.undeclared(Repository.folders(in: "Sources"), declared) == [])
        #expect(ManifestTests.undeclared(["MeshCore", "MeshStray"], declared) == ["MeshStray"])
    }

    @Test func `every folder of tests is a target`() {
        let declared = Set(manifest.targets.map(\.name))
        let folders = Repository.folders(in: "Tests").filter { $0 != "Fuzz" }
        #expect(ManifestTests.undeclared(folders, declared) == [])
    }

    @Test func `targets depend downward only`() throws {
        #expect(ManifestTests.upward(manifest) == [])
        let bad = try Manifest(
            #"targets: [.target(name: "MeshDHT", dependencies: ["MeshCore", "MeshConnection"])]"#)
        #expect(ManifestTests.upward(bad) == ["MeshDHT depends on MeshConnection"])
    }

    @Test func `every target of ours has its layer`() {
        let unknown = manifest.targets.filter { target in
            ["target", "executableTarget"].contains(target.kind) && !target.text.contains("Tests/")
                && Layering.imports[target.name] == nil
        }
        #expect(unknown.map(\.name) == [])
    }

    @Test func `no layer looks into another of its rank`() {
        let peers: Set = ["MeshDHT", "MeshConnection", "MeshDirectory", "MeshCRDT", "MeshReachability"]
        for peer in peers {
            #expect(Layering.imports[peer]?.isDisjoint(with: peers) == true, "\(peer)")
        }
        for target in Layering.pure {
            let above = Set(Layering.imports.keys).subtracting(Layering.pure)
            #expect(Layering.imports[target]?.isDisjoint(with: above) == true, "\(target)")
        }
    }

    @Test func `every target treats warnings as errors`() throws {
        #expect(ManifestTests.lenient(manifest) == [])
        let bad = try Manifest(#"targets: [.target(name: "A"), .target(name: "B", swiftSettings: strict)]"#)
        #expect(ManifestTests.lenient(bad) == ["A"])
        #expect(Repository.text("Package.swift").contains("-warnings-as-errors"))
    }

    @Test func `no two files of a target have one name`() {
        #expect(ManifestTests.duplicates(Repository.sources + Repository.tests) == [])
        let twice = [
            SourceFile(path: "Sources/A/x/F.swift", text: ""),
            SourceFile(path: "Sources/A/y/F.swift", text: ""),
        ]
        #expect(ManifestTests.duplicates(twice) == ["A/F.swift"])
    }

    private static func undeclared(_ folders: [String], _ declared: Set<String>) -> [String] {
        folders.filter { !declared.contains($0) }
    }

    private static func upward(_ manifest: Manifest) -> [String] {
        manifest.targets.flatMap { target -> [String] in
            guard let allowed = Layering.imports[target.name] else { return [] }
            return target.dependencies.filter { !allowed.contains($0) }.map {
                "\(target.name) depends on \($0)"
            }
        }
    }

    private static func lenient(_ manifest: Manifest) -> [String] {
        manifest.targets.filter { $0.kind != "systemLibrary" && !$0.text.contains("swiftSettings: strict") }
            .map(\.name)
    }

    private static func duplicates(_ files: [SourceFile]) -> [String] {
        var seen: Set<String> = []
        return files.map { $0.target + "/" + $0.name }.filter { !seen.insert($0).inserted }.sorted()
    }
}
