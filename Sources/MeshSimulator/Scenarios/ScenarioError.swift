/// Why a scenario is not run.
public enum ScenarioError: Error, Hashable, Sendable {
    /// A number lies outside of what makes sense, or fits in memory.
    case outOfRange(parameter: String, value: String, accepted: String)
    /// A name or its arguments are not known.
    case unknownName(parameter: String, value: String, accepted: String)
    /// Two parameters exclude each other.
    case contradiction(String)

    static func outOfRange<Bound>(
        parameter: String, value: String, accepted: ClosedRange<Bound>
    ) -> ScenarioError {
        .outOfRange(
            parameter: parameter, value: value, accepted: "\(accepted.lowerBound) to \(accepted.upperBound)")
    }
}

extension ScenarioError: CustomStringConvertible {
    /// What is wrong and what would be accepted.
    public var description: String {
        switch self {
        case .outOfRange(let parameter, let value, let accepted):
            "\(parameter) is \(accepted), not \(Self.shown(value))"
        case .unknownName(let parameter, let value, let accepted):
            "\(parameter) is \(accepted), not \(Self.shown(value))"
        case .contradiction(let text): text
        }
    }

    /// Text of the user, without control characters and not longer than a line.
    private static func shown(_ text: String) -> String {
        let clean = text.unicodeScalars.prefix(40).map { $0.escaped(asASCII: true) }.joined()
        return "'\(clean)'"
    }
}
