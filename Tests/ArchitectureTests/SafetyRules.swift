/// What no remote byte may reach, and what hides a data race.
enum SafetyRules {
    static let all: [Rule] = [
        .never(
            "no try!", #"\btry!"#, bad: ["let x = try! f()"],
            good: ["let x = try? f()", "let s = \"try!\""]),
        .never(
            "no fatalError", #"\bfatalError\s*\("#, bad: ["fatalError()", "fatalError(\"no\")"],
            good: ["// fatalError() is not used"]),
        .never(
            "no forced cast", #"\bas!"#, bad: ["let x = y as! Int"], good: ["let x = y as? Int"]),
        .never(
            "no forced or implicit unwrapping", #"[\w\)\]\}\"`?]!(?![=!\w\"(])"#,
            bad: ["let x = y!", "f()!.g()", "a[0]!", "var x: Int!", "let u = URL(string: \"x\")!\n"],
            good: ["if !x { }", "a != b", "f(!x, !y)", "let s = \"stop!\"", "#if !os(Linux)", "a!=b"]),
        .never(
            "no try? that drops what a send or a write did",
            #"\btry\?\s+(await\s+)?[\w.]*\b(send|write|respond|commit|save)\w*\("#,
            // What a command prints to a terminal that is gone has nobody to tell.
            in: { $0.target != "meshp2p" },
            bad: ["try? await channel.write(x)", "try? store.save(record)"],
            good: ["let text = try? String(contentsOf: url)"]),
        allowed(
            "unchecked concurrency is on the list", #"@unchecked\s+Sendable|nonisolated\(unsafe\)"#,
            list: uncheckedConcurrency,
            bad: ["final class A: @unchecked Sendable {}", "nonisolated(unsafe) var x = 1"]),
        allowed(
            "a task outside the structure is on the list",
            #"\bTask\s*(\.detached\s*)?(\([^)]*\)\s*)?\{|\b(makeFutureWithTask|completeWithTask)\b"#,
            list: unstructuredTasks,
            bad: [
                "Task { await f() }", "Task.detached { }", "Task(priority: .low) { }",
                "loop.makeFutureWithTask { }",
            ],
            good: ["withTaskGroup(of: Int.self) { }", "group.addTask { }"]),
    ]

    /// Files that may opt out of the checks of sendability: how often, and why that is sound.
    static let uncheckedConcurrency: [String: (count: Int, reason: String)] = [
        "Sources/MeshCrypto/SecretBytes.swift": (
            1, "a heap block written in init only, read after, freed by its only owner"
        )
    ]

    /// Files that may start a task that no scope awaits: how often, and who ends it.
    static let unstructuredTasks: [String: (count: Int, reason: String)] = [
        "Sources/MeshNode/Node/DurableWriter.swift": (
            1,
            "one commit at a time; the writer goes on when it ends, and the node's stop waits until the writer is idle"
        )
    ]

    /// A rule that `pattern` occurs at most as often as `list` allows a file.
    private static func allowed(
        _ name: String, _ pattern: String, list: [String: (count: Int, reason: String)], bad: [String],
        good: [String] = []
    ) -> Rule {
        Rule(name: name, bad: bad, good: good) { file in
            let found = try file.matches(of: pattern)
            guard found.count > list[file.path]?.count ?? 0 else { return [] }
            return found.map { match in
                Violation(path: file.path, line: file.line(at: match.offset), text: match.groups[0])
            }
        }
    }
}
