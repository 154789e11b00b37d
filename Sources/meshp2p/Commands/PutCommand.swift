import ArgumentParser
import MeshNode

/// `meshp2p put`.
struct PutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put",
        abstract: "Store a value in the DHT, through the running node.",
        discussion: """
            KEY is text, hex:…, base64:… or /pk/PEERID. The number that comes back counts the remote nodes that \
            acknowledged the value.

            EXAMPLES
              meshp2p put greeting hello.txt
              echo hello | meshp2p put greeting -
            """)

    @Argument(help: "The key.")
    var key: String

    @Argument(help: "The file with the value; - reads standard input.", completion: .file())
    var file: String

    @OptionGroup(title: "Node") var home: HomeOption
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let value = try ValueFile.read(file)
        let access = NodeAccess(home: home, network: nil, output: output)
        let request = PutRequest(key: key, value: Base64Text.encode(value))
        let report = try await output.console.waiting(for: "storing \(key)") {
            try await access.withRunningNode("a value needs a node that keeps it and that others can reach") {
                try await $0.put(request)
            }
        }
        try output.console.show(StoreOutput(report: report, key: key, verb: "stored"))
    }
}
