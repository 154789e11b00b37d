/// What nothing below the I/O line does: read a clock, draw randomness of its own, start tasks, hold locks, print.
enum PurityRules {
    static let all: [Rule] = [
        .never(
            "no clock below the I/O line",
            #"\b(Date\s*\(|Date\.now|ContinuousClock|SuspendingClock|DispatchTime|clock_gettime|gettimeofday|\w+\.now\(\))"#,
            in: Rule.isPure,
            bad: ["let t = Date()", "let c = ContinuousClock.now", "let t: Date = Date.now"],
            good: ["func handle(now: Instant)", "let updateDate = 3", "// Date() is not read"]),
        .never(
            "no task, actor or suspension below the I/O line",
            #"\b(Task\s*[\{\.(<]|withTaskGroup|withThrowingTaskGroup|actor\s+\w|await\s|DispatchQueue|Thread\s*[\{(])"#,
            in: Rule.isPure,
            bad: [
                "Task { run() }", "Task.detached { }", "await x.y()", "actor Table {}", "DispatchQueue.main",
            ],
            good: ["let refreshTask = 1", "let label = \"Task {\""]),
        .never(
            "no lock or shared mutable state below the I/O line",
            #"\b(Mutex\s*[<(]|NSLock|NSRecursiveLock|pthread_\w+|Atomic\s*<|static\s+var\s+\w+\s*(:[^={\n]*)?=)"#,
            in: Rule.isPure,
            bad: ["let m = Mutex(0)", "static var count = 0", "static var shared: Table = Table()"],
            good: ["static let zero = 0", "static var empty: Table { Table() }"]),
        .never(
            "no output below the I/O line", #"\b(print|debugPrint|dump|puts|printf|fputs)\s*\("#,
            in: Rule.isPure,
            bad: ["print(1)", "debugPrint(x)"], good: ["fingerprint(of: x)", "/* print(1) */"]),
        .never(
            "no randomness of its own below the I/O line",
            #"\b(SystemRandomNumberGenerator|randombytes\w*|RAND_bytes|arc4random\w*|getrandom|UUID\s*\(\s*\))"#
                + #"|\.(shuffle|shuffled|randomElement)\(\s*\)"#,
            in: Rule.isPure,
            bad: ["var g = SystemRandomNumberGenerator()", "a.shuffled()", "randombytes_buf(p, 32)"],
            good: ["a.shuffled(using: &rng)", "a.randomElement(using: &rng)"]),
        Rule(
            name: "random values are drawn from a generator that was passed in",
            bad: [
                "let x = Int.random(in: 0..<3)", "let b = Bool.random()",
                "Bytes32.random(\n    in: (1),\n    x: 2)",
            ],
            good: ["Int.random(in: 0..<f(3), using: &rng)", "Bytes32.random(\n    using: &rng)"],
            violations: { file in
                guard Rule.isPure(file) else { return [] }
                return try file.matches(of: #"(?<!func )(?<=\.)random\s*\("#).compactMap { match in
                    let arguments = file.parenthesized(from: match.end - 1)
                    guard !arguments.contains("using") else { return nil }
                    return Violation(
                        path: file.path, line: file.line(at: match.offset), text: "random" + arguments)
                }
            }),
        .never(
            "no file, process or environment below the I/O line",
            #"\b(FileManager|ProcessInfo|CommandLine|getenv|fopen|mmap)\b"#, in: Rule.isPure,
            bad: ["getenv(name)", "FileManager.default"]),
    ]
}

extension SourceFile {
    /// The text of the code from the parenthesis at UTF-16 offset `start` to the one that closes it.
    func parenthesized(from start: Int) -> String {
        var depth = 0
        var result: [UInt16] = []
        for unit in code.utf16.dropFirst(start) {
            result.append(unit)
            if unit == UInt16(UInt8(ascii: "(")) { depth += 1 }
            if unit == UInt16(UInt8(ascii: ")")) { depth -= 1 }
            if depth == 0 { break }
        }
        return String(decoding: result, as: UTF16.self)
    }
}
