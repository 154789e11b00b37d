import ArgumentParser

/// `meshp2p manual`.
struct ManualCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual",
        abstract: "Print the manual page, made from the same texts as --help.",
        discussion: """
            EXAMPLES
              meshp2p manual > /usr/local/share/man/man1/meshp2p.1
              meshp2p manual | man -l -
            """)

    @OptionGroup(title: "Output") var output: OutputOptions

    func run() throws {
        try output.console.show(TextOutput(key: "page", text: try ManualPage(MeshP2P._dumpHelp()).text))
    }
}
