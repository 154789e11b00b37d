import MeshAPI

/// The manual page in man's macro language, from the parser's description of the command.
struct ManualPage {
    private struct Tool: Decodable {
        var command: Command
    }

    private struct Command: Decodable {
        var commandName: String
        var abstract: String?
        var discussion: String?
        var subcommands: [Command]?
        var arguments: [Argument]?
    }

    private struct Argument: Decodable {
        struct Name: Decodable {
            var kind: String
            var name: String
        }

        var kind: String
        var shouldDisplay: Bool?
        var isOptional: Bool?
        var names: [Name]?
        var valueName: String?
        var abstract: String?
    }

    private let command: Command

    /// Reads the parser's description, which is JSON.
    init(_ description: String) throws {
        command = try JSONText.decode(Tool.self, from: Array(description.utf8)).command
    }

    /// The page.
    var text: String {
        var lines = [
            ".TH MESHP2P 1", ".SH NAME",
            "\(escaped(command.commandName)) \\- \(escaped(command.abstract ?? ""))",
        ]
        lines += [".SH SYNOPSIS", ".B \(escaped(command.commandName))", "\\fICOMMAND\\fR [\\fIOPTIONS\\fR]"]
        lines += [".SH DESCRIPTION"] + paragraphs(command.discussion, heading: ".SH")
        lines.append(".SH COMMANDS")
        for subcommand in command.subcommands ?? [] where subcommand.commandName != "help" {
            lines += section(subcommand)
        }
        return lines.joined(separator: "\n")
    }

    private func section(_ command: Command) -> [String] {
        let shown = (command.arguments ?? []).filter { $0.shouldDisplay ?? true }
        let positional = shown.filter { $0.kind == "positional" }.map {
            " \\fI\(escaped(($0.valueName ?? "").uppercased()))\\fR"
        }
        var lines = [
            ".SS \(escaped(command.commandName))\(positional.joined())", escaped(command.abstract ?? ""),
        ]
        lines += paragraphs(command.discussion, heading: ".PP\n.B")
        for argument in shown where argument.kind != "positional" {
            lines += [".TP", "\\fB\(names(argument))\\fR", escaped(argument.abstract ?? "")]
        }
        return lines
    }

    private func names(_ argument: Argument) -> String {
        let names = (argument.names ?? []).map { ($0.kind == "short" ? "-" : "--") + $0.name }
        let value = argument.kind == "option" ? " \(argument.valueName ?? "value")" : ""
        return escaped(names.joined(separator: ", ") + value)
    }

    /// Text in paragraphs; indented lines (examples) stay as they are, lines in capitals are headings.
    private func paragraphs(_ text: String?, heading: String) -> [String] {
        var lines: [String] = []
        var isVerbatim = false
        for line in (text ?? "").split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("  ") != isVerbatim, !line.isEmpty {
                isVerbatim.toggle()
                lines.append(isVerbatim ? ".nf" : ".fi")
            }
            if !line.isEmpty, line.allSatisfy({ $0.isUppercase || $0 == " " }) {
                lines.append("\(heading) \(line)")
            } else {
                lines.append(line.isEmpty ? ".PP" : escaped(String(line)))
            }
        }
        if isVerbatim { lines.append(".fi") }
        return lines
    }

    /// A line may not start like a macro, and hyphens are hyphens.
    private func escaped(_ text: String) -> String {
        let safe = text.map { $0 == "\\" ? "\\\\" : $0 == "-" ? "\\-" : String($0) }.joined()
        return safe.hasPrefix(".") || safe.hasPrefix("'") ? "\\&" + safe : safe
    }
}
