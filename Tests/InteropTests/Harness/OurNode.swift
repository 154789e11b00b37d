import Foundation
import Testing

/// The line that a node prints once it can be used.
struct Ready: Decodable, Sendable {
    let event: String
    let peer: String
    let did: String
    let addresses: [String]
}

/// A running `meshp2p run` or `meshp2p registry`.
struct OurNode: Sendable {
    let ready: Ready
    let home: String
    let process: ChildProcess

    /// The first address, with the peer id.
    var address: String { ready.addresses.first ?? "" }

    /// The address of datagrams, with the peer id.
    var datagramAddress: String { ready.addresses.first { $0.contains("/udp/") } ?? "" }
}

/// What a node listens for, on free loopback ports.
enum Listening {
    static let streams = ["/ip4/127.0.0.1/tcp/0"]
    static let datagrams = ["/ip4/127.0.0.1/udp/0/noise"]
    static let both = streams + datagrams
}

extension Stage {
    /// Starts a node of ours on loopback ports and waits until it can be used.
    func node(
        _ name: String, as subcommand: String = "run", bootstrap: [String] = [], registries: [String] = [],
        kadProtocol: String = Stage.kadProtocol, listen: [String] = Listening.streams,
        options: [String] = []
    ) async throws -> OurNode {
        let home = folder.appending(path: name).path
        var arguments = [
            try Installation.binary(), subcommand, "--json", "--home", home, "--name", name,
            "--api", "off", "--network", Stage.network, "--kad-protocol", kadProtocol,
        ]
        arguments += options
        for address in listen { arguments += ["--listen", address] }
        for address in bootstrap { arguments += ["--bootstrap", address] }
        for address in registries { arguments += ["--registry", address] }
        let process = try start("meshp2p \(subcommand) \(name)", arguments)
        let line = try await process.nextLine(within: .seconds(20))
        let text = try #require(line, "meshp2p \(subcommand) ended before it was ready: \(process.errorText)")
        let ready = try JSONDecoder().decode(Ready.self, from: Data(text.utf8))
        #expect(ready.event == "ready")
        return OurNode(ready: ready, home: home, process: process)
    }

    /// Runs a command that acts through the running `node`.
    func command(_ arguments: [String], through node: OurNode) async throws -> CommandResult {
        try await finish(arguments + ["--json", "--home", node.home])
    }

    /// Runs a command as an ephemeral client that enters the network through `bootstrap`.
    func command(_ arguments: [String], bootstrap: [String] = []) async throws -> CommandResult {
        let entries = bootstrap.flatMap { ["--bootstrap", $0] }
        // A home that nobody has made: the command must not meet a node of the person who runs the tests.
        let home = folder.appending(path: "nobody").path
        return try await finish(
            arguments + [
                "--json", "--home", home, "--network", Stage.network, "--kad-protocol", Stage.kadProtocol,
            ]
                + entries)
    }

    private func finish(_ arguments: [String]) async throws -> CommandResult {
        let process = try start(
            "meshp2p " + arguments.joined(separator: " "), [try Installation.binary()] + arguments)
        let lines = try await process.rest(within: .seconds(60))
        return CommandResult(
            command: process.label, exitCode: process.exitCode ?? -1, output: lines.joined(separator: "\n"),
            errorText: process.errorText)
    }
}

/// What a command answered.
struct CommandResult: Sendable, CustomStringConvertible {
    let command: String
    let exitCode: Int32
    let output: String
    let errorText: String

    var description: String { "\(command)\nexit \(exitCode)\n\(output)\n\(errorText)" }

    /// The report of a command that must have succeeded.
    func report<Report: Decodable>(_ type: Report.Type) throws -> Report {
        try #require(exitCode == 0, "\(self)")
        return try decoded(type)
    }

    /// The report of a command that may have failed.
    func decoded<Report: Decodable>(_ type: Report.Type) throws -> Report {
        do {
            return try JSONDecoder().decode(type, from: Data(output.utf8))
        } catch {
            throw WaitError(description: "unexpected report (\(error)) of \(self)")
        }
    }
}
