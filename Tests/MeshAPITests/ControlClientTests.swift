import Glibc
import Testing

@testable import MeshAPI
@testable import MeshNode

@Suite struct ControlClientTests {
    @Test func `every call reaches the node and brings its report back`() async throws {
        let service = FakeService()
        try await withControlServer(service) { socket in
            let client = ControlClient(socketPath: socket)
            #expect(try await client.status().uptimeSeconds == 12.5)
            #expect(
                try await client.dial(DialRequest(target: "harbour", count: 7)).connectMilliseconds == 3.1)
            let found = try await client.find(FindRequest(kind: .peer, key: "K", trace: true))
            #expect(found.peer?.id == FakeService.peer)
            #expect(try await client.put(PutRequest(key: "k", value: "aGk=")).stored == 3)
            #expect(try await client.provide(ProvideRequest(key: "k")).stored == 4)
            #expect(try await client.meshes(MeshesRequest(registry: nil)).meshes.map(\.name) == ["harbour"])
            #expect(try await client.isAnswering())
        }
        #expect(
            service.asked == [
                "status", "dial harbour 7", "find peer K true", "put k aGk=", "provide k", "meshes -",
                "status",
            ])
    }

    @Test func `a failure arrives whole, with its advice and its attempts`() async throws {
        let failure = MeshFailure(
            .unreachable, "could not reach 12D3", next: "check the address",
            attempts: [
                .init(address: "/ip4/192.0.2.1/tcp/1", outcome: "failed", milliseconds: 5, error: "timed out")
            ])
        try await withControlServer(FakeService(failure: failure)) { socket in
            await #expect(throws: failure) {
                try await ControlClient(socketPath: socket).dial(DialRequest(target: "x", count: 0))
            }
        }
    }

    @Test(arguments: MeshFailure.Code.allCases)
    func `every failure code has its HTTP status on the socket`(code: MeshFailure.Code) async throws {
        try await withControlServer(FakeService(failure: MeshFailure(code, "no"))) { socket in
            let answer = try await HTTPExchange.post("/v1/provide", #"{"key":"k"}"#, socket: socket)
            #expect(answer.status == code.httpStatus)
            #expect(answer.failure?.code == code)
        }
    }

    @Test func `no socket means that no node runs`() async throws {
        let client = ControlClient(socketPath: "/tmp/mesh-api-no-such-folder/api.sock")
        #expect(try await client.isAnswering() == false)
        await expect(.noNode) { try await client.status() }
    }

    @Test func `a stale socket means that no node runs`() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/api.sock"
            closeSocket(bound(to: path))
            let isAnswering = try await ControlClient(socketPath: path).isAnswering()
            #expect(!isAnswering)
        }
    }

    @Test func `a node takes the place of a stale socket`() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/api.sock"
            closeSocket(bound(to: path))
            try await withServer(.controlSocket(path: path), FakeService()) { _ in
                let isAnswering = try await ControlClient(socketPath: path).isAnswering()
                #expect(isAnswering)
            }
        }
    }

    @Test func `a path that is too long for a socket is no node, not a crash`() async throws {
        let path = "/tmp/" + String(repeating: "d", count: 200)
        await expect(.noNode) { try await ControlClient(socketPath: path).status() }
    }

    @Test func `a node that does not answer in time is told apart from none`() async throws {
        try await withControlServer(FakeService(hangs: true)) { socket in
            var deadlines = ControlClient.Deadlines()
            deadlines.status = .milliseconds(20)
            let client = ControlClient(socketPath: socket, deadlines: deadlines)
            await expect(.timedOut) { try await client.status() }
            await expect(.timedOut) { try await client.isAnswering() }
        }
    }

    @Test func `a caller who leaves ends the call inside the node`() async throws {
        let service = FakeService(hangs: true)
        try await withControlServer(service) { socket in
            var events = service.events.makeAsyncIterator()
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    _ = try await ControlClient(socketPath: socket).dial(DialRequest(target: "x", count: 0))
                }
                #expect(await events.next() == "began")
                group.cancelAll()
                _ = await group.nextResult()
            }
            #expect(await events.next() == "cancelled")
        }
    }

    @Test(arguments: ["", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}"])
    func `an answer that is no HTTP answer is a failure that names the socket`(answer: String) async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/api.sock"
            try await withRawServer(path, answer: answer) {
                do {
                    _ = try await ControlClient(socketPath: path).status()
                    Issue.record("the call should fail")
                } catch let failure as MeshFailure {
                    #expect(failure.code == .noNode)
                    #expect(failure.message.contains(path))
                }
            }
        }
    }

    @Test func `an answer of another version is not understood, and says so`() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/api.sock"
            try await withRawServer(path, answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") {
                await expect(.internal) { try await ControlClient(socketPath: path).status() }
            }
        }
    }
}

/// Expects a failure with a code.
func expect(
    _ code: MeshFailure.Code, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> some Any
) async {
    do {
        _ = try await body()
        Issue.record("expected \(code)", sourceLocation: sourceLocation)
    } catch let failure as MeshFailure {
        #expect(failure.code == code, "\(failure)", sourceLocation: sourceLocation)
    } catch {
        Issue.record("expected \(code), got \(error)", sourceLocation: sourceLocation)
    }
}
