import MeshNode
import NIOHTTP1
import Testing

@testable import MeshAPI

@Suite struct PublicListingClientTests {
    @Test func `every page is read`() async throws {
        let service = FakeService { query in
            switch query.cursor {
            case nil: ListingPage(entries: [FakeService.entry("a")], next: "2")
            case "2": ListingPage(entries: [FakeService.entry("b")], next: "3")
            default: ListingPage(entries: [FakeService.entry("c")])
            }
        }
        try await withPublicServer(service, isRegistry: true) { port in
            let report = try await PublicListingClient(url: "http://127.0.0.1:\(port)").meshes()
            #expect(report.meshes.map(\.name) == ["a", "b", "c"])
            #expect(report.meshes.first?.memberCount == 3)
            #expect(report.registries == ["http://127.0.0.1:\(port)"])
        }
    }

    @Test func `a registry that pages for ever is left at the limit`() async throws {
        let entries = (0..<500).map { FakeService.entry("m\($0)") }
        let service = FakeService { _ in ListingPage(entries: entries, next: "again") }
        try await withPublicServer(service, isRegistry: true) { port in
            let report = try await PublicListingClient(url: "http://127.0.0.1:\(port)/").meshes()
            #expect(report.meshes.count == 10_000)
        }
        #expect(service.asked.count == 20)
    }

    @Test func `a registry that pages for ever without meshes is left at once`() async throws {
        let service = FakeService { _ in ListingPage(entries: [], next: "again") }
        try await withPublicServer(service, isRegistry: true) { port in
            let report = try await PublicListingClient(url: "http://127.0.0.1:\(port)").meshes()
            #expect(report.meshes.isEmpty)
        }
        #expect(service.asked.count == 1)
    }

    @Test func `the failure of a node that is no registry comes through`() async throws {
        try await withPublicServer(FakeService()) { port in
            await expect(.notFound) {
                try await PublicListingClient(url: "http://127.0.0.1:\(port)").meshes()
            }
        }
    }

    @Test func `another service under the address is not taken for a registry`() async throws {
        try await withPublicServer(FakeService()) { port in
            await expect(.unsupportedProtocol) {
                try await PublicListingClient(url: "http://127.0.0.1:\(port)/healthz").meshes()
            }
        }
    }

    @Test func `nobody there is unreachable`() async throws {
        // Port 1 (tcpmux) is not served anywhere in our tests.
        await expect(.unreachable) { try await PublicListingClient(url: "http://127.0.0.1:1").meshes() }
    }

    @Test(arguments: [
        "https://registry.example", "ftp://registry.example", "http://", "http:///path", "http://user@host/",
        "http://host:0", "http://host:65536", "http://ho st/", "http://host/\r\nX: y", "http://[::1",
        "http://::1",
    ])
    func `a URL that cannot work is refused before anything is sent`(url: String) {
        #expect(throws: MeshFailure.self) { try PublicListingClient(url: url) }
    }

    @Test func `URLs are taken apart`() throws {
        #expect(try HTTPURL("http://host").authority == "host")
        #expect(try HTTPURL("HTTP://host:81/a?b#c") == HTTPURL("http://host:81/a?b"))
        #expect(try HTTPURL("http://[::1]:81").host == "::1")
        #expect(try HTTPURL("http://[::1]:81").authority == "[::1]:81")
        #expect(try HTTPURL("http://host?x=1").path == "/?x=1")
    }

    @Test func `only a path of the same registry is followed`() {
        func next(_ link: String) -> String? { PublicListingClient.nextPath(["Link": link]) }
        #expect(next("</a?b=1>; rel=\"next\"") == "/a?b=1")
        #expect(next("<http://evil/a>; rel=\"next\"") == nil)
        #expect(next("</a>; rel=\"prev\"") == nil)
        #expect(next("</a; rel=\"next\"") == nil)
        #expect(next("</a b>; rel=\"next\"") == nil)
    }

    @Test(arguments: [
        ("127.0.0.1:0", "127.0.0.1", 0), ("[::1]:8421", "::1", 8421), ("localhost:80", "localhost", 80),
    ])
    func `API addresses are taken apart`(text: String, host: String, port: Int) throws {
        let address = try APIAddress(text)
        #expect(address.host == host)
        #expect(address.port == port)
    }

    @Test(arguments: [
        "", "8421", ":8421", "::1:8421", "host", "host:", "host:-1", "host:65536", "[]:1", "on",
    ])
    func `what is no address of an API is refused`(text: String) {
        #expect(throws: MeshFailure.self) { try APIAddress(text) }
    }
}
