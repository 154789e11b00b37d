import Testing

/// The rules of the house over every file of the product.
@Suite struct RuleTests {
    static let rules = ImportRules.all + PurityRules.all + SafetyRules.all + ShapeRules.all

    @Test(arguments: rules)
    func `the sources keep the rule`(_ rule: Rule) throws {
        let violations = try Repository.sources.flatMap { file in try rule.violations(file) }
        #expect(violations.isEmpty, "\(violations.map(\.description).joined(separator: "\n"))")
    }

    @Test(arguments: rules)
    func `the rule finds what breaks it`(_ rule: Rule) throws {
        for text in rule.bad {
            let file = SourceFile(path: "Sources/MeshDHT/Example.swift", text: text)
            #expect(try !rule.violations(file).isEmpty, "not found: \(text)")
        }
    }

    @Test(arguments: rules)
    func `the rule lets pass what keeps it`(_ rule: Rule) throws {
        for text in rule.good {
            let file = SourceFile(path: "Sources/MeshDHT/Example.swift", text: text)
            #expect(try rule.violations(file).isEmpty, "wrongly found: \(text)")
        }
    }

    @Test func `the rule on file names finds a bag of things`() throws {
        for name in ["StringUtils.swift", "PeerManager.swift", "Common.swift", "Connection+Helpers.swift"] {
            let file = SourceFile(path: "Sources/MeshDHT/\(name)", text: "")
            #expect(try ShapeRules.all.contains { rule in try !rule.violations(file).isEmpty }, "\(name)")
        }
    }

    @Test func `there are sources to look at`() {
        #expect(Repository.sources.count > 50)
        #expect(Set(Repository.sources.map(\.target)).isSuperset(of: ["MeshCore", "MeshDHT", "meshp2p"]))
    }

    @Test func `what is allowed to opt out still does`() {
        for (path, allowance) in SafetyRules.uncheckedConcurrency.merging(
            SafetyRules.unstructuredTasks, uniquingKeysWith: { first, _ in first })
        {
            #expect(Repository.exists(path), "\(path) is gone: take it off the list")
            #expect(allowance.reason.count > 20, "\(path) needs a reason")
        }
    }
}
