import ArgumentParser

/// `meshp2p completions`.
struct CompletionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Print the completion script of a shell.",
        discussion: """
            EXAMPLES
              meshp2p completions bash > ~/.local/share/bash-completion/completions/meshp2p
              meshp2p completions zsh > ~/.zfunc/_meshp2p
              meshp2p completions fish > ~/.config/fish/completions/meshp2p.fish
            """)

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    @OptionGroup(title: "Output") var output: OutputOptions

    func run() throws {
        try output.console.show(
            TextOutput(key: "script", text: MeshP2P.completionScript(for: shell.completionShell)))
    }

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish

        var completionShell: CompletionShell {
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        }
    }
}
