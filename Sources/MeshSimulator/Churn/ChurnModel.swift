/// How nodes come and go during a simulation.
public enum ChurnModel: Hashable, Sendable {
    /// Nobody leaves.
    case none
    /// Half of the nodes vanish at one moment, without a word.
    case half
    /// Sessions of random length; whoever leaves vanishes without a word, and a new node joins in its place.
    case weibull(WeibullDistribution)
}

extension ChurnModel: CustomStringConvertible {
    /// The model as the command line spells it.
    public var description: String {
        switch self {
        case .none: "none"
        case .half: "half"
        case .weibull(let sessions): "weibull:\(sessions.shape),\(sessions.scale / .seconds(60))"
        }
    }
}

extension ChurnModel {
    /// Parses `none`, `half`, `weibull` or `weibull:SHAPE,MINUTES`.
    public init(parsing text: String) throws(ScenarioError) {
        switch text {
        case "none": self = .none
        case "half": self = .half
        case "weibull": self = .weibull(.debian)
        default:
            guard text.hasPrefix("weibull:") else {
                throw .unknownName(parameter: "churn", value: text, accepted: Self.forms)
            }
            let numbers = text.dropFirst("weibull:".count).split(
                separator: ",", omittingEmptySubsequences: false)
            guard numbers.count == 2, let shape = Double(numbers[0]), let minutes = Double(numbers[1]) else {
                throw .unknownName(parameter: "churn", value: text, accepted: Self.forms)
            }
            guard WeibullDistribution.shapes.contains(shape) else {
                throw .outOfRange(
                    parameter: "churn weibull k", value: "\(shape)", accepted: WeibullDistribution.shapes)
            }
            guard WeibullDistribution.scaleMinutes.contains(minutes) else {
                throw .outOfRange(
                    parameter: "churn weibull lambda (minutes)", value: "\(minutes)",
                    accepted: WeibullDistribution.scaleMinutes)
            }
            self = .weibull(WeibullDistribution(shape: shape, scale: .seconds(minutes * 60)))
        }
    }

    private static let forms = "none, half, weibull or weibull:K,LAMBDA with lambda in minutes"
}
