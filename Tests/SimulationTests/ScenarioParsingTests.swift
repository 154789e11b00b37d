import MeshSimulator
import Testing

@Suite struct ScenarioParsingTests {
    @Test(arguments: ["none", "half", "weibull:0.38,42.4", "weibull:0.59,41.9"])
    func `churn is spelled as it is parsed`(text: String) throws {
        #expect(try ChurnModel(parsing: text).description == text)
    }

    @Test func `weibull alone is the churn of Debian`() throws {
        #expect(try ChurnModel(parsing: "weibull").description == "weibull:0.38,42.4")
    }

    @Test(arguments: [
        "none", "colluding:0.2", "sybil:60", "silent:0.5", "replay:0.1", "eclipse:0.25",
    ])
    func `adversaries are spelled as they are parsed`(text: String) throws {
        #expect(try AdversaryModel(parsing: text).description == text)
    }

    @Test(arguments: [
        ("weibull:0.05,42", "0.1 to 10.0"), ("weibull:0.4,0", "0.1 to 100000.0"),
        ("weibull:nan,42", "0.1 to 10.0"), ("weibull:0.4", "weibull:K,LAMBDA"), ("half:2", "none, half"),
        ("\u{1b}[31m", "none, half"),
    ])
    func `impossible churn is refused with what is accepted`(text: String, accepted: String) {
        let error = #expect(throws: ScenarioError.self) { try ChurnModel(parsing: text) }
        #expect(error?.description.contains(accepted) == true)
        #expect(error?.description.contains("\u{1b}") == false)
    }

    @Test(arguments: [
        ("colluding:1.5", "0.01 to 0.9"), ("colluding:", "0.01 to 0.9"), ("silent:-0.1", "0.01 to 0.9"),
        ("sybil:0", "1 to 1000"), ("sybil:1e3", "1 to 1000"), ("none:1", "colluding:SHARE"),
        ("clever", "colluding:SHARE"), ("", "colluding:SHARE"),
    ])
    func `impossible adversaries are refused with what is accepted`(text: String, accepted: String) {
        let error = #expect(throws: ScenarioError.self) { try AdversaryModel(parsing: text) }
        #expect(error?.description.contains(accepted) == true)
    }
}

@Suite struct ScenarioParametersTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let change: @Sendable (inout ScenarioParameters) -> Void
        var testDescription: String { text }

        init(_ text: String, _ change: @escaping @Sendable (inout ScenarioParameters) -> Void) {
            self.text = text
            self.change = change
        }
    }

    static let cases = [
        Case("nodes is 2 to 2000000, not '1'") { $0.nodes = 1 },
        Case("nodes is 2 to 2000000, not '2000001'") { $0.nodes = 2_000_001 },
        Case("lookups is 1 to 10000000, not '0'") { $0.lookups = 0 },
        Case("records is 0 to 1000000, not '-1'") { $0.records = -1 },
        Case("k is 1 to 64, not '65'") { $0.replication = 65 },
        Case("paths is 1 to 16, not '0'") { $0.paths = 0 },
        Case("paths is 1 to 3, not '4'") { $0.replication = 3 },
        Case("loss is 0.0 to 0.5, not '0.6'") { $0.loss = 0.6 },
        Case("loss is 0.0 to 0.5, not 'nan'") { $0.loss = .nan },
        Case("duplication is 0.0 to 0.5, not '-0.1'") { $0.duplication = -0.1 },
        Case("hours is 0.0 to 336.0, not '337.0'") { $0.hours = 337 },
        Case("hours is above 0") { $0.churn = .weibull(.debian) },
        Case("nodes with sybils is 40 to") {
            $0.nodes = 39
            $0.adversary = .sybil(count: 10)
        },
        Case("nodes with this share of hostile ones is 20 to") {
            $0.nodes = 19
            $0.adversary = .colluding(share: 0.1)
        },
        Case("one at a time") {
            $0.churn = .half
            $0.adversary = .silent(share: 0.1)
        },
    ]

    @Test func `the defaults are possible`() throws {
        try ScenarioParameters().validate()
    }

    @Test(arguments: cases) func `impossible parameters are refused with what is accepted`(wrong: Case) {
        var parameters = ScenarioParameters()
        wrong.change(&parameters)
        let error = #expect(throws: ScenarioError.self) { try parameters.validate() }
        #expect(error?.description.contains(wrong.text) == true, "\(error?.description ?? "nothing")")
    }
}
