import ArgumentParser
import MeshAPI
import MeshMultiformats
import MeshNode

/// What `run` and `registry` take.
struct RunOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The mesh's name in the directory; without one nothing is published.", valueName: "mesh"))
    var name: String?

    @Option(
        name: .customLong("skill"),
        help: ArgumentHelp(
            "A capability that the mesh offers in the directory; may be repeated.", valueName: "name"))
    var skills: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where to listen, /tcp/N for streams or /udp/N/noise for datagrams; may be repeated. Default: "
                + "\(Self.defaultListen.joined(separator: " and ")).", valueName: "multiaddr"),
        transform: AddressArgument.parse)
    var listen: [Multiaddr] = []

    @Option(
        name: .long,
        help: ArgumentHelp("A registry peer to announce to; may be repeated.", valueName: "multiaddr"),
        transform: AddressArgument.parse)
    var registry: [Multiaddr] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where to serve the HTTP API, or off. Default: \(Self.defaultAPI).", valueName: "host:port|off"))
    var api: String?

    @Option(
        name: .customLong("kad-mode"),
        help: ArgumentHelp(
            "The part in the DHT; auto serves where others can reach the node.", valueName: "mode"))
    var kadMode = NodeConfiguration.KadMode.auto

    @Flag(name: .long, help: "Keep the mesh out of the public listings of registries.")
    var unlisted = false

    @Option(name: .long, help: ArgumentHelp("Members of the mesh, told to registries.", valueName: "n"))
    var members = 0

    @Option(name: .long, help: ArgumentHelp("Bots of the mesh, told to registries.", valueName: "n"))
    var bots = 0

    @Option(
        name: .customLong("swarm-key"),
        help: ArgumentHelp("The key file of a private network (pnet).", valueName: "file"),
        completion: .file())
    var swarmKey: String?

    @Flag(name: .long, help: "Serve /perf/1.0.0, so that others may measure the throughput.")
    var perf = false

    @Option(name: .customLong("max-connections"), help: ArgumentHelp("Connections at most.", valueName: "n"))
    var maximumConnections: Int?

    func validate() throws {
        guard members >= 0, bots >= 0 else { throw ValidationError("--members and --bots are 0 or more.") }
        if let maximumConnections, !(1...1_000_000).contains(maximumConnections) {
            throw ValidationError("--max-connections is 1 to 1000000.")
        }
    }

    /// Where the HTTP API is served; nil for nowhere.
    func apiAddress() throws(MeshFailure) -> APIAddress? {
        api == "off" ? nil : try APIAddress(api ?? Self.defaultAPI)
    }

    /// Puts what was said into a configuration.
    func apply(to configuration: inout NodeConfiguration) throws(MeshFailure) {
        configuration.name = name
        configuration.capabilities = skills
        configuration.listen = listen
        if listen.isEmpty { configuration.listen = Self.defaultListen.compactMap { try? Multiaddr($0) } }
        configuration.registries = registry
        configuration.kadMode = kadMode
        configuration.isPublic = !unlisted
        configuration.memberCount = members
        configuration.botCount = bots
        configuration.servesPerf = perf
        if let maximumConnections { configuration.maximumConnections = maximumConnections }
        if let swarmKey {
            configuration.presharedKey = String(decoding: try ValueFile.read(swarmKey), as: UTF8.self)
        }
    }

    private static let defaultListen = ["/ip4/0.0.0.0/tcp/4101", "/ip4/0.0.0.0/udp/4101/noise"]
    private static let defaultAPI = "127.0.0.1:8421"
}
