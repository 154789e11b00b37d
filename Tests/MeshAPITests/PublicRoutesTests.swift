import FoundationEssentials
import MeshNode
import Testing

@testable import MeshAPI

@Suite struct PublicRoutesTests {
    @Test func `the listing is a JSON list with the names of the directory`() async throws {
        let service = FakeService { _ in ListingPage(entries: [FakeService.entry("harbour")]) }
        try await withPublicServer(service, isRegistry: true) { port in
            let answer = try await HTTPExchange.get("/api/meshes/public", port: port)
            #expect(answer.status == 200)
            #expect(answer.headers.first(name: "Content-Type") == "application/json; charset=utf-8")
            #expect(answer.headers.first(name: "Link") == nil)
            #expect(answer.headers.filter { $0.name.lowercased().hasPrefix("access-control") }.isEmpty)
            #expect(
                answer.text
                    == #"[{"addresses":["/ip4/192.0.2.1/tcp/4101"],"bot_count":1,"capabilities":["rooms"],"did":"did:key:z6Mkharbour","#
                    + #""last_seen":"2026-11-21T08:00:00Z","member_count":3,"name":"harbour","peer":"\#(FakeService.peer)","#
                    + #""status":"online","version":"0.1.0"}]"# + "\n")
        }
        #expect(service.asked == ["listing - - - 100 -"])
    }

    @Test func `filters reach the registry, and the next page keeps them`() async throws {
        let service = FakeService { _ in
            ListingPage(entries: [FakeService.entry("harbour")], next: "a b&c")
        }
        try await withPublicServer(service, isRegistry: true) { port in
            let path = "/api/meshes/public?name=har%20bour&capability=rooms&status=online&limit=7&cursor=x"
            let answer = try await HTTPExchange.get(path, port: port)
            #expect(answer.status == 200)
            let next =
                "/api/meshes/public?limit=7&cursor=a%20b%26c&name=har%20bour&capability=rooms&status=online"
            #expect(answer.headers.first(name: "Link") == "<\(next)>; rel=\"next\"")
            _ = try await HTTPExchange.get(next, port: port)
        }
        #expect(
            service.asked == ["listing har bour rooms online 7 x", "listing har bour rooms online 7 a b&c"])
    }

    @Test(arguments: [
        "limit=0", "limit=501", "limit=x", "limit=", "status=dead", "colour=red", "name=a&name=b",
        "name=" + String(repeating: "a", count: 257),
    ])
    func `a filter that cannot be meant is refused`(query: String) async throws {
        let service = FakeService()
        try await withPublicServer(service, isRegistry: true) { port in
            let answer = try await HTTPExchange.get("/api/meshes/public?\(query)", port: port)
            #expect(answer.status == 400)
            #expect(answer.failure?.code == .badArgument)
        }
        #expect(service.asked == [])
    }

    @Test func `a node that is no registry says so`() async throws {
        try await withPublicServer(FakeService()) { port in
            let answer = try await HTTPExchange.get("/api/meshes/public", port: port)
            #expect(answer.status == 404)
            #expect(answer.failure?.message.contains("registry") == true)
        }
    }

    @Test func `the public status names no other peer`() async throws {
        try await withPublicServer(FakeService()) { port in
            let answer = try await HTTPExchange.get("/api/status", port: port)
            #expect(answer.status == 200)
            #expect(answer.text.contains(#""connectionCount":1"#))
            #expect(!answer.text.contains("SecretFriend"))
            #expect(!answer.text.contains("192.0.2.7"))
        }
    }

    @Test func `a healthy node says so`() async throws {
        try await withPublicServer(FakeService()) { port in
            let answer = try await HTTPExchange.get("/healthz", port: port)
            #expect(answer.status == 200)
            #expect(answer.text == "{\"ok\":true}\n")
        }
    }

    @Test func `the control routes are not on the network`() async throws {
        let service = FakeService()
        try await withPublicServer(service) { port in
            for path in ["/v1/status", "/v1/dial", "/v1/put"] {
                for method in ["GET", "POST"] {
                    let answer = try await HTTPExchange.get(path, port: port, method: method)
                    #expect(answer.status == 404)
                }
            }
        }
        #expect(service.asked == [])
    }

    @Test(arguments: [
        "evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "127.0.0", "[::2]", "127.0.0.256",
    ])
    func `a page that rebinds its name to this machine reads nothing`(host: String) async throws {
        try await withPublicServer(FakeService()) { port in
            let answer = try await HTTPExchange.get("/api/status", port: port, host: host)
            #expect(answer.status == 421 || answer.status == 400)
            #expect(!answer.text.contains(FakeService.peer))
        }
    }

    @Test(arguments: ["localhost", "LOCALHOST:1", "127.0.0.1", "127.9.9.9:80", "[::1]", "[::1]:8421"])
    func `loopback names are welcome`(host: String) async throws {
        try await withPublicServer(FakeService()) { port in
            let answer = try await HTTPExchange.get("/healthz", port: port, host: host)
            #expect(answer.status == 200)
        }
    }

    @Test func `a taken port names the flag that helps`() async throws {
        try await withPublicServer(FakeService()) { port in
            do {
                try await withServer(.tcp(try APIAddress("127.0.0.1:\(port)")), FakeService()) { _ in }
                Issue.record("the port is taken")
            } catch let failure as MeshFailure {
                #expect(failure.code == .listenFailed)
                #expect(failure.message.contains("127.0.0.1:\(port)"))
                #expect(failure.next?.contains("--api") == true)
            }
        }
    }

    @Test func `more headers than the limit are refused`() async throws {
        var limits = APILimits()
        limits.maximumHeaderCount = 2
        limits.maximumHeaderBytes = 1000
        try await withPublicServer(FakeService(), limits: limits) { port in
            let fits = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            let fine = try await rawExchange(port, fits)
            #expect(fine.hasPrefix("HTTP/1.1 200 OK\r\n"))
            let count = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nA: b\r\n\r\n"
            let tooMany = try await rawExchange(port, count)
            #expect(tooMany.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            let long =
                "GET /healthz HTTP/1.1\r\nHost: localhost\r\nA: \(String(repeating: "b", count: 1000))\r\n\r\n"
            let tooLong = try await rawExchange(port, long)
            #expect(tooLong.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        }
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: ["", "GET /healthz HT", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"])
    func `a client that says nothing more is let go`(text: String) async throws {
        var limits = APILimits()
        limits.idleTimeout = .milliseconds(50)
        try await withPublicServer(FakeService(), limits: limits) { port in
            // The exchange ends when the server closes the connection.
            let answer = try await rawExchange(port, text)
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }
}
