import Foundation
import Testing

/// The command from outside: exit codes, and which of the two streams says what.
@Suite struct InvocationTests {
    @Test(
        arguments: [
            (["--help"], 0), (["bench", "--help"], 0), (["bench"], 2), (["bench", "dht", "--nodes", "1"], 2),
            (["--version"], 0), ([], 0), (["dial", "--help"], 0), (["help", "find"], 0),
            (["dail", "x"], 2), (["dial"], 2), (["dial", "x", "--count", "ten"], 2),
            (["dial", "x", "--count", "10001"], 2),
            (["dial", "x", "--colour"], 2), (["dial", "x", "y"], 2), (["find", "thing", "x"], 2),
            (["find", "peer"], 2),
            (["find", "peer", "x", "--raw"], 2), (["dial", "x", "--bootstrap", "1.2.3.4:80"], 2),
            (["dial", "x", "--network", "a/b"], 2), (["dial", "x", "--kad-protocol", "kad"], 2),
            (["run", "--api", "8421"], 2), (["run", "--listen", "0.0.0.0:4101"], 2),
            (["run", "--kad-mode", "maybe"], 2), (["run", "--k", "0"], 2),
            (["find", "peer", "x", "--k", "65"], 2),
            (["run", "--paths", "0"], 2), (["run", "--paths", "17"], 2),
            (["dial", "/ip4/127.0.0.1/udp/9/noise", "--home", "/nonexistent"], 2),
            (["put", "k", "/nonexistent"], 2), (["meshes", "--registry", "https://registry.example"], 2),
            (["meshes", "--registry", "registry"], 2),
            (["id"], 3),
            (["meshes", "--registry", "http://127.0.0.1:1"], 4),
            (["status"], 1), (["provide", "k"], 1),
        ] as [([String], Int32)])
    func `the exit code says what kind of end it was`(arguments: [String], status: Int32) throws {
        let outcome = try CommandProcess.run(arguments)
        #expect(outcome.status == status, "\(outcome)")
        if status == 0 {
            #expect(outcome.errors.isEmpty)
            #expect(!outcome.output.isEmpty)
        } else {
            #expect(outcome.output.isEmpty)
            #expect(!outcome.errors.isEmpty)
        }
    }

    @Test(arguments: [
        ["dail", "x", "--json"], ["--json"], ["dial", "--json"], ["find", "thing", "x", "--json"],
        ["id", "--json"],
        ["status", "--json"], ["meshes", "--json", "--registry", "http://127.0.0.1:1"],
        ["put", "k", "/nonexistent", "--json"],
    ])
    func `with --json a failure is one object on standard output`(arguments: [String]) throws {
        let outcome = try CommandProcess.run(arguments)
        #expect(outcome.status != 0)
        #expect(outcome.errors.isEmpty, "\(outcome.errors)")
        #expect(outcome.output.split(separator: "\n").count == 1)
        #expect(outcome.output.hasPrefix(#"{"error":{"code":""#))
        #expect(outcome.output.hasSuffix("\"ok\":false}\n"))
    }

    @Test func `a mistyped command is told the nearest`() throws {
        #expect(try CommandProcess.run(["stauts"]).errors.contains("did you mean `meshp2p status`?"))
        #expect(
            try CommandProcess.run(["bench", "pnig"]).errors.contains("did you mean `meshp2p bench ping`?"))
    }

    @Test func `a failure says what to do next`() throws {
        for arguments in [["status"], ["id"], ["put", "k", "/nonexistent"], ["xyzzy"]] {
            #expect(try CommandProcess.run(arguments).errors.contains("\nnext: "), "\(arguments)")
        }
    }

    @Test(arguments: [
        "run", "registry", "init", "status", "id", "dial", "find", "put", "provide", "meshes", "doc",
        "completions", "manual",
    ])
    func `every command has examples and speaks JSON`(name: String) throws {
        let help = try CommandProcess.run([name, "--help"]).output
        #expect(help.contains("EXAMPLES"))
        #expect(help.contains("  meshp2p \(name)"))
        #expect(help.contains("--json"))
    }

    @Test func `the version tells its commit or that it has none`() throws {
        #expect(try CommandProcess.run(["--version"]).output.contains("commit"))
    }

    @Test func `a value that is too large is refused with its limit`() throws {
        let outcome = try CommandProcess.run(["put", "k", "-"], input: Data(repeating: 0x61, count: 300_000))
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("131072"))
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `completion scripts know the commands`(shell: String) throws {
        let script = try CommandProcess.run(["completions", shell]).output
        #expect(script.contains("dial") && script.contains("kad-protocol"))
    }

    @Test func `the manual page names every command and escapes its macros`() throws {
        let page = try CommandProcess.run(["manual"]).output
        for name in ["run", "dial", "find", "put"] { #expect(page.contains(".SS \(name)")) }
        #expect(page.contains(#"\fB\-\-kad\-protocol id\fR"#))
        #expect(page.contains(".SH EXIT STATUS"))
    }

    @Test func `a reader who leaves ends the command quietly`() throws {
        let outcome = try CommandProcess.shell(
            "\"$0\" completions bash | head -n 1 >/dev/null; exit ${PIPESTATUS[0]}")
        #expect(outcome.status == 0)
        #expect(outcome.errors == "")
    }
}
