import ArgumentParser

/// The command `meshp2p`.
struct MeshP2P: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meshp2p",
        abstract: "A peer-to-peer node: meshes find each other in a DHT and talk over Noise.",
        discussion: """
            EXAMPLES
              meshp2p run --name harbour          start a node
              meshp2p dial 12D3KooW…              connect, and see what happened on the way
              meshp2p find mesh harbour --trace   look a mesh up, hop by hop
              meshp2p doc show notes.bin          look into a file of Yjs updates

            EXIT STATUS
              0 done, 1 failed, 2 used wrongly, 3 not found, 4 unreachable, 5 refused

            FILES
              The home of a node is --home, else $MESHP2P_HOME, else ~/.local/share/meshp2p.
            """,
        version: Version.text,
        subcommands: [
            InitCommand.self, RunCommand.self, RegistryCommand.self, StatusCommand.self, IDCommand.self,
            DialCommand.self, FindCommand.self, PutCommand.self, ProvideCommand.self, MeshesCommand.self,
            DocCommand.self, BenchCommand.self,
            CompletionsCommand.self, ManualCommand.self,
        ])
}
