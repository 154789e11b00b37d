/// Finds the name that a person probably meant.
enum NearestName {
    /// The name with the fewest edits, if they are few for its length.
    static func of(_ text: String, among names: [String]) -> String? {
        guard text.count <= 32 else { return nil }
        let ranked = names.map { (name: $0, edits: edits(Array(text.lowercased()), Array($0))) }
        guard let best = ranked.min(by: { ($0.edits, $0.name) < ($1.edits, $1.name) }) else { return nil }
        if best.edits <= max(1, best.name.count / 2) { return best.name }
        return names.sorted().first { $0.hasPrefix(text.lowercased()) }
    }

    /// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).
    private static func edits(_ a: [Character], _ b: [Character]) -> Int {
        var older: [Int] = []
        var previous = Array(0...b.count)
        for i in a.indices {
            var current = [i + 1]
            for j in b.indices {
                var cost = min(previous[j] + (a[i] == b[j] ? 0 : 1), previous[j + 1] + 1, current[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, older[j - 1] + 1) }
                current.append(cost)
            }
            older = previous
            previous = current
        }
        return previous[b.count]
    }
}
