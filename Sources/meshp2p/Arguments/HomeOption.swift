import ArgumentParser
import MeshNode

/// The home folder of a node.
struct HomeOption: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The node's home folder. Default: $MESHP2P_HOME, else ~/.local/share/meshp2p.", valueName: "dir"),
        completion: .directory)
    var home: String?

    /// The folder that is meant.
    var path: String { home ?? NodeHome.defaultPath() }
}
