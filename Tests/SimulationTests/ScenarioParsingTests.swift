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
