import FoundationEssentials
import Testing

@testable import meshp2p

@Suite struct QuantityTests {
    @Test(arguments: [
        (0.066, "0.07 ms"), (0, "0.00 ms"), (3.14, "3.1 ms"), (12.2, "12 ms"), (999.4, "999 ms"),
        (1300, "1.3 s"),
        (-1, "?"), (.nan, "?"), (.infinity, "?"), (1e300, "? s"),
    ])
    func `milliseconds`(value: Double, text: String) {
        #expect(Quantity.milliseconds(value) == text)
    }

    @Test(arguments: [
        (0.0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (172_799, "47 h"),
        (172_800, "2 days"), (-5, "0 s"), (.infinity, "?"),
    ])
    func `durations`(seconds: Double, text: String) {
        #expect(Quantity.duration(seconds: seconds) == text)
    }

    @Test(arguments: [
        (0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (29_360_128, "28.0 MiB"),
        (Int.max, "8589934592.0 GiB"),
    ])
    func `bytes`(count: Int, text: String) {
        #expect(Quantity.bytes(count) == text)
    }

    @Test func `fixed decimals round half away from zero`() {
        #expect(Quantity.fixed(0.05, digits: 1) == "0.1")
        #expect(Quantity.fixed(-0.04, digits: 1) == "0.0")
        #expect(Quantity.fixed(12.005, digits: 3) == "12.005")
    }

    @Test(arguments: [
        ("2026-11-21T07:58:00Z", "2 min ago"), ("2026-11-21T08:00:00Z", "now"),
        ("2026-11-21T11:00:00Z", "in 3 h"),
        ("2026-11-21T07:59:30.250Z", "30 s ago"), ("yesterday\u{1b}[1m", #"yesterday\u{1B}[1m"#),
    ])
    func `times are told relative to now`(text: String, shown: String) throws {
        let now = try Date("2026-11-21T08:00:00Z", strategy: .iso8601)
        #expect(RelativeTime.text(text, now: now) == shown)
    }

    @Test(arguments: [
        ("dail", "dial"), ("fnid", "find"), ("stauts", "status"), ("RUN", "run"), ("regist", "registry"),
        ("mesh", "meshes"),
    ])
    func `a mistyped command finds its nearest`(text: String, name: String) {
        let names = ["init", "run", "registry", "status", "id", "dial", "find", "put", "provide", "meshes"]
        #expect(NearestName.of(text, among: names) == name)
    }

    @Test func `nothing near is nothing`() {
        #expect(NearestName.of("xyzzyxyzzy", among: ["dial", "find"]) == nil)
        #expect(NearestName.of(String(repeating: "d", count: 100_000), among: ["dial"]) == nil)
        #expect(NearestName.of("", among: []) == nil)
    }
}
