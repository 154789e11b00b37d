import Foundation
import Testing

/// `meshp2p bench crypto`, `bench rpc` and `bench lookup` from outside: names that scripts rely on, and right answers.
@Suite(.serialized) struct BenchCommandTests {
    @Test func `bench crypto tells the time of every primitive by size and library`() throws {
        let report = try Self.report(["crypto", "--milliseconds", "1"])
        #expect(report["benchmark"] as? String == "crypto")
        let cases = try #require(report["cases"] as? [[String: Any]])
        let names = Set(cases.compactMap { $0["primitive"] as? String })
        #expect(
            names.isSuperset(of: [
                "x25519-keygen", "x25519-dh", "ed25519-sign", "ed25519-verify", "chacha20-poly1305-seal",
                "chacha20-poly1305-open", "sha-256", "noise-xx", "noise-ik", "noise-xx-identity",
            ]))
        for item in cases {
            #expect(try #require(item["nanoseconds"] as? Double) > 0, "\(item)")
            #expect(try #require(item["repetitions"] as? Int) > 0, "\(item)")
        }
        let sealed = cases.filter { $0["primitive"] as? String == "chacha20-poly1305-seal" }
        #expect(Set(sealed.compactMap { $0["byteCount"] as? Int }) == [64, 216, 1024, 16_384, 65_536])
        #expect(Set(sealed.compactMap { $0["backend"] as? String }) == ["libsodium", "libcrypto"])
    }

    @Test func `bench crypto measures only what it is asked for`() throws {
        let report = try Self.report(["crypto", "--milliseconds", "1", "--primitive", "sha"])
        let cases = try #require(report["cases"] as? [[String: Any]])
        #expect(Set(cases.compactMap { $0["primitive"] as? String }) == ["sha-256"])
    }

    @Test func `bench routing fills a table and tells the time of each call`() throws {
        let report = try Self.report(["routing", "--offered", "2000", "--milliseconds", "1", "--k", "8"])
        #expect(report["benchmark"] as? String == "routing")
        #expect(report["keyBits"] as? Int == 256)
        let (entries, buckets) = (
            try #require(report["entries"] as? Int), try #require(report["buckets"] as? Int)
        )
        #expect(buckets > 5)
        #expect(entries > 8 * (buckets - 4) && entries <= 8 * buckets)
        for name in [
            "closestNanoseconds", "closestNearSelfNanoseconds", "closestAfterTouchNanoseconds",
            "closestPeersNanoseconds", "touchNanoseconds", "insertNanoseconds", "insertKnownNanoseconds",
            "replaceNanoseconds",
        ] {
            #expect(try #require(report[name] as? Double) > 0, "\(name)")
        }
    }

    @Test func `bench rpc answers every request, warm and cold`() throws {
        let report = try Self.report([
            "rpc", "--requests", "200", "--handshakes", "5", "--window", "1,8", "--loops", "1,2",
        ])
        #expect(report["payload"] as? Int == 200)
        #expect(report["encrypted"] as? Bool == true)
        #expect(try #require(report["cpuMicrosecondsPerRPC"] as? Double) > 0)
        #expect(try #require(report["rpcPerSecond"] as? Double) > 0)
        let roundTrip = try #require(report["roundTripMicroseconds"] as? [String: Double])
        let (middle, high) = (try #require(roundTrip["p50"]), try #require(roundTrip["p99"]))
        #expect(middle > 0 && middle <= high)
        let cases = try #require(report["cases"] as? [[String: Any]])
        #expect(cases.count == 8)
        for item in cases {
            #expect(item["requests"] as? Int == 200, "\(item)")
            #expect(item["failures"] as? Int == 0, "\(item)")
            #expect(try #require(item["datagramsPerRPC"] as? Double) >= 2, "\(item)")
        }
        for kind in ["cold", "resumption"] {
            let handshakes = try #require(report[kind] as? [String: Any])
            #expect(handshakes["count"] as? Int == 5, "\(kind)")
            #expect(handshakes["failures"] as? Int == 0, "\(kind)")
            #expect(try #require(handshakes["cpuMillisecondsPerHandshake"] as? Double) > 0, "\(kind)")
        }
    }

    @Test func `bench lookup finds what it stored, at nodes that did not hold it`() throws {
        let report = try Self.report([
            "lookup", "--nodes", "16", "--k", "4", "--operations", "6", "--idle", "0",
        ])
        #expect(report["nodes"] as? Int == 16)
        #expect(report["replication"] as? Int == 4)
        #expect(try #require(report["overlapTrueClosest"] as? Double) > 0.9)
        for pass in ["cold", "warm"] {
            let operations = try #require(report[pass] as? [String: Any])
            for name in [
                "put", "getFirst", "getClosest", "provide", "findProvidersFirst", "findProvidersClosest",
                "findPeer", "closestPeers",
            ] {
                let operation = try #require(operations[name] as? [String: Any], "\(pass) \(name)")
                #expect(operation["success"] as? Double == 1, "\(pass) \(name): \(operation)")
                #expect(operation["count"] as? Int == 6, "\(pass) \(name)")
                // A get that a holder answers by itself would send nothing.
                #expect(try #require(operation["rpcs"] as? Double) >= 1, "\(pass) \(name): \(operation)")
            }
        }
        let warm = try #require(report["warm"] as? [String: [String: Any]])
        for (name, operation) in warm {
            #expect(operation["handshakes"] as? Double == 0, "\(name): \(operation)")
        }
    }

    @Test func `bench lookup stops as it is told`() throws {
        let report = try Self.report([
            "lookup", "--nodes", "6", "--k", "2", "--operations", "2", "--idle", "0", "--stop", "first",
        ])
        let warm = try #require(report["warm"] as? [String: Any])
        #expect(warm["getFirst"] != nil)
        #expect(warm["getClosest"] == nil)
    }

    @Test(arguments: [
        (["crypto", "--milliseconds", "0"], "1 to 10000"), (["crypto", "--primitive", "rot13"], "x25519-dh"),
        (["rpc", "--payload", "1161"], "1 to 1160"), (["rpc", "--payload", "0"], "1 to 1160"),
        (["rpc", "--requests", "9"], "10 to 10000000"), (["rpc", "--handshakes", "0"], "1 to 10000"),
        (["rpc", "--window", "1,1025"], "1 to 1024"), (["rpc", "--loops", "3"], "1 or 2"),
        (["rpc", "--k", "21"], "1 to 20"), (["lookup", "--nodes", "1"], "2 to 300"),
        (["lookup", "--nodes", "301"], "2 to 300"), (["lookup", "--k", "0"], "1 to 20"),
        (["lookup", "--parallelism", "33"], "1 to 32"), (["lookup", "--paths", "17"], "1 to 16"),
        (["lookup", "--operations", "0"], "1 to 10000"), (["lookup", "--loops", "0"], "1 to 16"),
        (["lookup", "--idle", "3601"], "0 to 3600"), (["routing", "--offered", "999"], "1000 to 10000000"),
        (["routing", "--k", "21"], "1 to 20"), (["routing", "--milliseconds", "0"], "1 to 10000"),
    ])
    func `impossible parameters are refused with what is possible`(arguments: [String], range: String) throws
    {
        let outcome = try CommandProcess.run(["bench"] + arguments)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(range), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
    }

    private static func report(_ arguments: [String]) throws -> [String: Any] {
        let outcome = try CommandProcess.run(["bench"] + arguments + ["--json"])
        try #require(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.split(separator: "\n").count == 1)
        let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        return try #require(object as? [String: Any])
    }
}
