import Foundation
import Testing

/// The command with a node that really runs.
@Suite struct NodeCommandTests {
    @Test(arguments: [SIGTERM, SIGINT])
    func `a node says when it is ready, answers, and stops cleanly on a signal`(signal: Int32) throws {
        let node = try RunningNode()
        #expect(node.ready.event == "ready")
        #expect(node.ready.addresses.first?.hasSuffix("/p2p/\(node.ready.peer)") == true)
        #expect(node.ready.api?.hasPrefix("http://127.0.0.1:") == true)
        #expect(node.ready.api?.hasSuffix(":0") == false)
        let status = try CommandProcess.run(["status", "--home", node.home, "--json"])
        #expect(status.status == 0)
        #expect(status.output.contains(node.ready.peer))
        #expect(
            try CommandProcess.run(["id", "--home", node.home, "--json"]).output.contains(node.ready.did))

        let end = node.stop(signal)
        #expect(end.status == 0)
        #expect(end.seconds < 5)
        #expect(!FileManager.default.fileExists(atPath: node.home + "/api.sock"))
        #expect(try node.rest() == "")
        #expect(try CommandProcess.run(["status", "--home", node.home]).status == 1)
    }

    @Test func `a second node on one home says which process holds it`() throws {
        let node = try RunningNode()
        let second = try CommandProcess.run(["run", "--home", node.home, "--api", "off"])
        #expect(second.status == 1)
        #expect(second.errors.contains("\(node.process.processID)"))
        #expect(try CommandProcess.run(["status", "--home", node.home]).status == 0)
    }

    @Test func `a taken port is named with the flag that chooses another`() throws {
        let node = try RunningNode()
        let port = try #require(node.ready.api?.split(separator: ":").last)
        let home = node.home + "-second"
        defer { try? FileManager.default.removeItem(atPath: home) }
        let second = try CommandProcess.run([
            "run", "--home", home, "--listen", "/ip4/127.0.0.1/tcp/0", "--api", "127.0.0.1:\(port)",
        ])
        #expect(second.status == 1)
        #expect(second.errors.contains(port) && second.errors.contains("--api"))
        #expect(!FileManager.default.fileExists(atPath: home + "/api.sock"))
    }

    @Test func `a temporary client dials a node, and is told who else answers`() throws {
        let node = try RunningNode()
        let address = try #require(node.ready.addresses.first)
        let dial = try CommandProcess.run(["dial", address, "--count", "3", "--json"])
        #expect(dial.status == 0, "\(dial)")
        #expect(dial.output.contains(#""security":"/noise""#))
        #expect(dial.output.contains(#""count":3"#))

        let other = "12D3KooWGCVGN4rY8hGBCXV5oB6eTQ8MUJ4mm2WgsqZmcLMjBXYf"
        let wrong = try CommandProcess.run([
            "dial", address.replacingOccurrences(of: node.ready.peer, with: other), "--json",
        ])
        #expect(wrong.status == 4)
        #expect(wrong.output.contains(#""code":"wrong_peer""#))
    }

    @Test func `two nodes find each other, and what one puts the other finds`() throws {
        let first = try RunningNode("registry")
        let address = try #require(first.ready.addresses.first)
        let second = try RunningNode(
            "run", ["--name", "harbour", "--bootstrap", address, "--registry", address])

        let found = try CommandProcess.run([
            "find", "peer", second.ready.peer, "--home", first.home, "--json",
        ])
        #expect(found.status == 0, "\(found)")
        let put = try CommandProcess.run(
            ["put", "greeting", "-", "--home", second.home], input: Data("hello\u{0}world".utf8))
        #expect(put.status == 0, "\(put)")
        let value = try CommandProcess.run(["find", "value", "greeting", "--home", first.home, "--raw"])
        #expect(value.output == "hello\u{0}world")
        let nothing = try CommandProcess.run(["find", "value", "nothing", "--home", first.home])
        #expect(nothing.status == 3)
        // A name without a home is looked up by a client that enters through the address.
        let through = try CommandProcess.run(["find", "value", "greeting", "--bootstrap", address, "--json"])
        #expect(through.output.contains(#""value":"aGVsbG8Ad29ybGQ=""#), "\(through)")
    }

    @Test func `a node whose starter went away keeps serving`() throws {
        let home = CommandProcess.temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: home) }
        // The reader of the ready line is gone before the line comes.
        let outcome = try CommandProcess.shell(
            """
            "$0" run --json --home "$1" --listen /ip4/127.0.0.1/tcp/0 --api off > >(exec true) & pid=$!
            for try in {1..100}; do "$0" status --home "$1" >/dev/null 2>&1 && break; sleep 0.1; done
            "$0" status --home "$1" >/dev/null; answered=$?
            kill -TERM $pid; wait $pid; echo "$answered $?"
            """, [home])
        #expect(outcome.output == "0 0\n", "\(outcome)")
    }

    @Test func `an idle API lets a node stop at once`() throws {
        let node = try RunningNode()
        let port = try #require(node.ready.api?.split(separator: ":").last.flatMap { UInt16($0) })
        // A client that has connected and says nothing, and one between two requests.
        let silent = try LoopbackSocket(port: port)
        let kept = try LoopbackSocket(port: port)
        kept.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(kept.receive().hasPrefix("HTTP/1.1 200 OK"))
        let end = node.stop()
        #expect(end.status == 0)
        #expect(end.seconds < 5)
        withExtendedLifetime(silent) {}
    }

    @Test func `a call under way does not hold the node`() throws {
        let node = try RunningNode()
        // Somebody who accepts and then says nothing: the handshake would wait for its deadline.
        let silent = try SilentListener()
        let dial = try SpawnedProcess(
            [
                CommandProcess.binary, "dial", "/ip4/127.0.0.1/tcp/\(silent.port)", "--home", node.home,
                "--json",
            ],
            environment: CommandProcess.environment, inputFile: "/dev/null", errorFile: "/dev/null")
        defer { close(dial.output) }
        silent.waitForConnection()
        let end = node.stop()
        #expect(end.status == 0)
        #expect(end.seconds < 2)
        #expect(String(decoding: dial.readToEnd(), as: UTF8.self).contains(#""ok":false"#))
        #expect(dial.wait() != 0)
    }
}

/// A TCP listener on this machine that never answers.
private final class SilentListener {
    struct Failed: Error {}

    let port: UInt16
    private let descriptor: CInt

    init() throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let own = descriptor
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(own, $0, length) == 0 && listen(own, 1) == 0 && getsockname(own, $0, &length) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard result else { throw Failed() }
    }

    deinit {
        close(descriptor)
    }

    func waitForConnection() {
        let accepted = accept(descriptor, nil, nil)
        // Left open on purpose: the other side must not see an end.
        withExtendedLifetime(accepted) {}
    }
}

/// A TCP connection to this machine.
private final class LoopbackSocket {
    struct Failed: Error {}

    private let descriptor: CInt

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failed() }
    }

    deinit {
        close(descriptor)
    }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL))
    }

    func receive() -> String {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
