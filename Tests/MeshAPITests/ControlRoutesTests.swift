import Glibc
import MeshNode
import Testing

@testable import MeshAPI

@Suite struct ControlRoutesTests {
    @Test func `nobody but the owner can open the socket, and it goes with the server`() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/api.sock"
            try await withServer(.controlSocket(path: path), FakeService()) { _ in
                var status = stat()
                #expect(lstat(path, &status) == 0)
                #expect(status.st_mode & S_IFMT == S_IFSOCK)
                #expect(status.st_mode & 0o777 == 0o600)
                #expect(access("\(folder)/.api", F_OK) != 0)
            }
            #expect(access(path, F_OK) != 0)
        }
    }

    @Test func `a body over the limit is refused with its limit, declared or not`() async throws {
        var limits = APILimits()
        limits.maximumRequestBodyBytes = 1000
        let service = FakeService()
        try await withControlServer(service, limits: limits) { socket in
            let fits = #"{"key":"\#(String(repeating: "k", count: 1000 - 10))"}"#
            #expect(fits.utf8.count == 1000)
            #expect(try await HTTPExchange.post("/v1/provide", fits, socket: socket).status == 200)
            let answer = try await HTTPExchange.post("/v1/provide", fits + " ", socket: socket)
            #expect(answer.status == 413)
            #expect(answer.failure?.message.contains("1000") == true)
        }
        #expect(service.asked.count == 1)
    }

    @Test(arguments: ["", "{", "[]", "{}", #"{"target":1,"count":1}"#, #"{"target":"x"}"#, "\u{0}"])
    func `a body that is not the route's JSON is a bad argument`(body: String) async throws {
        let service = FakeService()
        try await withControlServer(service) { socket in
            let answer = try await HTTPExchange.post("/v1/dial", body, socket: socket)
            #expect(answer.status == 400)
            #expect(answer.failure?.code == .badArgument)
        }
        #expect(service.asked == [])
    }

    @Test func `a missing field is named`() async throws {
        try await withControlServer(FakeService()) { socket in
            let answer = try await HTTPExchange.post("/v1/dial", #"{"target":"x"}"#, socket: socket)
            #expect(answer.failure?.message.contains("'count'") == true)
        }
    }

    @Test(arguments: [
        ("/v1/dial", "GET"), ("/v1/status", "POST"), ("/v1/find", "DELETE"), ("/healthz", "PUT"),
    ])
    func `a wrong method says which one is right`(path: String, method: String) async throws {
        try await withControlServer(FakeService()) { socket in
            let answer = try await HTTPExchange.post(path, "{}", socket: socket, method: method)
            #expect(answer.status == 405)
            #expect(
                answer.headers.first(name: "Allow")
                    == (path.hasPrefix("/v1/s") || path == "/healthz" ? "GET" : "POST"))
            #expect(answer.failure?.code == .badArgument)
        }
    }

    @Test func `an error that is no failure of ours stays inside the node`() async throws {
        struct SecretPath: Error {}
        try await withControlServer(FakeService(failure: SecretPath())) { socket in
            let answer = try await HTTPExchange.post("/v1/provide", #"{"key":"k"}"#, socket: socket)
            #expect(answer.status == 500)
            #expect(answer.failure?.code == .internal)
            #expect(!answer.text.contains("SecretPath"))
        }
    }

    @Test func `an unknown route is a failure in JSON, its name cut and quoted by JSON`() async throws {
        try await withControlServer(FakeService()) { socket in
            let path = "/v1/" + String(repeating: "x", count: 500)
            let answer = try await HTTPExchange.post(path, "{}", socket: socket)
            #expect(answer.status == 404)
            #expect(answer.failure?.code == .notFound)
            #expect(answer.text.utf8.count < 400)
        }
    }

    @Test func `a home with a path that is too long for a socket is refused with the limit`() throws {
        #expect(throws: MeshFailure.self) {
            try ControlSocketFile(path: "/" + String(repeating: "d", count: 107) + "/api.sock")
        }
    }
}
