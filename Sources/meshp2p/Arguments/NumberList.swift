import ArgumentParser

/// Numbers by commas: `1,16,64`.
struct NumberList: ExpressibleByArgument {
    /// The numbers in the order in which they were given, each once.
    let values: [Int]

    init(_ values: [Int]) {
        self.values = values
    }

    init?(argument: String) {
        var values: [Int] = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let value = Int(part) else { return nil }
            if !values.contains(value) { values.append(value) }
        }
        self.values = values
    }

    var defaultValueDescription: String { values.map(String.init).joined(separator: ",") }

    /// Whether there are numbers, and all of them lie in `range`.
    func isWithin(_ range: ClosedRange<Int>) -> Bool {
        !values.isEmpty && values.allSatisfy(range.contains)
    }
}
