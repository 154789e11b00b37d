import ArgumentParser
import MeshNode

/// One call of the command: parse, run, and turn what went wrong into text and an exit status.
struct Invocation {
    let arguments: [String]

    /// Runs the command and gives its exit status.
    func run() async -> Int32 {
        do {
            try checkSubcommand()
            var command = try MeshP2P.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch is BrokenPipe {
            return 0
        } catch {
            return report(error)
        }
    }

    /// What a person reads on a wrong or a finished call, with the exit status; nil when all is said.
    func report(_ error: any Error) -> Int32 {
        do {
            if let failure = error as? MeshFailure { return try show(failure) }
            let status = MeshP2P.exitCode(for: error)
            let message = MeshP2P.fullMessage(for: error)
            if status.isSuccess {
                try console.say([message].filter { !$0.isEmpty })
                return 0
            }
            if error is ExitCode { return status.rawValue }
            if status == .validationFailure { return try showMisuse(error, message) }
            return try show(
                MeshFailure(.internal, "\(error)", next: "this is a fault of meshp2p: please report it"))
        } catch {
            return 0
        }
    }

    /// The parser knows only "unexpected argument"; a person who mistyped wants the nearest name.
    private func checkSubcommand() throws {
        var command: any ParsableCommand.Type = MeshP2P.self
        var path = "meshp2p"
        for argument in arguments {
            let subcommands = command.configuration.subcommands
            guard !subcommands.isEmpty, !argument.hasPrefix("-") else { return }
            if argument == "help", command == MeshP2P.self { return }
            guard let next = subcommands.first(where: { $0._commandName == argument }) else {
                throw Self.unknown(argument, after: path, among: subcommands.map { $0._commandName })
            }
            command = next
            path += " \(argument)"
        }
    }

    private static func unknown(_ text: String, after path: String, among names: [String]) -> MeshFailure {
        let nearest = NearestName.of(text, among: names)
        return MeshFailure(
            .badArgument, "there is no command \(TerminalText.quoted("\(path) \(text)", limit: 60))",
            next: nearest.map { "did you mean `\(path) \($0)`?" } ?? "`\(path) --help` lists the commands")
    }

    private func show(_ failure: MeshFailure) throws -> Int32 {
        if console.isJSON {
            try console.show(FailureOutput(failure: failure))
        } else {
            for line in FailureOutput(failure: failure).lines(console.errorLayout) { console.note(line) }
        }
        return failure.code.exitStatus
    }

    private func showMisuse(_ error: any Error, _ message: String) throws -> Int32 {
        if console.isJSON {
            let short = MeshP2P.message(for: error)
            return try show(
                MeshFailure(.badArgument, short.isEmpty ? "wrong arguments" : short, next: "see --help"))
        }
        console.note(message)
        return MeshFailure.Code.badArgument.exitStatus
    }

    /// The arguments may not parse, so the wish for JSON is looked up by hand.
    private var console: Console {
        Console(isJSON: arguments.prefix { $0 != "--" }.contains("--json"), isVerbose: false)
    }
}
