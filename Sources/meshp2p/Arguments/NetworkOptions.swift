import ArgumentParser
import MeshMultiformats
import MeshNode

/// Which network, and the way into it.
struct NetworkOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("A peer to enter the network through; may be repeated.", valueName: "multiaddr"),
        transform: AddressArgument.parse)
    var bootstrap: [Multiaddr] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The network's name, the prefix of its kad protocol. Default: meshp2p.", valueName: "name"))
    var network: String?

    @Option(
        name: .customLong("kad-protocol"),
        help: ArgumentHelp("The whole kad protocol id, for example /ipfs/kad/1.0.0.", valueName: "id"))
    var kadProtocol: String?

    @Option(
        name: .customLong("k"),
        help: ArgumentHelp(
            "k of the DHT: replicas of a record, peers of an answer, the size of a bucket. Default: 20.",
            valueName: "n"))
    var replication: Int?

    @Option(
        name: .customLong("paths"),
        help: ArgumentHelp(
            "Disjoint paths of a lookup, against hostile nodes. Default: \(Self.defaultPaths).",
            valueName: "n"))
    var disjointPaths: Int?

    private static let defaultPaths = NodeConfiguration().kademlia.disjointPaths

    /// Whether anything here was said.
    var isGiven: Bool { !bootstrap.isEmpty || network != nil || kadProtocol != nil }

    func validate() throws {
        try Self.check(network: network)
        if let kadProtocol, !kadProtocol.hasPrefix("/") || kadProtocol.utf8.count > 128 {
            throw ValidationError("--kad-protocol starts with a slash, like /ipfs/kad/1.0.0.")
        }
        if let replication, !(1...64).contains(replication) {
            throw ValidationError("--k is 1 to 64.")
        }
        if let disjointPaths, !(1...16).contains(disjointPaths) {
            throw ValidationError("--paths is 1 to 16.")
        }
    }

    /// Refuses what cannot be the prefix of a protocol id.
    static func check(network: String?) throws {
        guard let network else { return }
        let isUsable = !network.isEmpty && network.utf8.count <= 64
        guard isUsable, !network.contains(where: { $0 == "/" || $0.isWhitespace }) else {
            throw ValidationError("--network is a name of 1 to 64 bytes without slashes and spaces.")
        }
    }

    /// Puts what was said into a configuration.
    func apply(to configuration: inout NodeConfiguration) {
        configuration.bootstrap = bootstrap
        if let network { configuration.network = network }
        configuration.kadProtocol = kadProtocol
        if let replication { configuration.kademlia.replication = replication }
        if let disjointPaths { configuration.kademlia.disjointPaths = disjointPaths }
    }
}
