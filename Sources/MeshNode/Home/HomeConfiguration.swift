import FoundationEssentials

/// What `meshp2p init` chose, kept in `config.json`; options of a command go before it.
public struct HomeConfiguration: Codable, Hashable, Sendable {
    /// The mesh's name; nil publishes no mesh record.
    public var name: String?
    /// The network; nil is the default network.
    public var network: String?

    /// Creates the settings.
    public init(name: String? = nil, network: String? = nil) {
        self.name = name
        self.network = network
    }
}

extension Home {
    private var configurationFile: PrivateFile {
        // Two short strings and room for what later versions add.
        file("config.json", maximumByteCount: 65_536)
    }

    /// Reads the settings; nil when `init` has not written any.
    public func configuration() throws(MeshFailure) -> HomeConfiguration? {
        let file = configurationFile
        guard let bytes = try file.read({ _ in }) else { return nil }
        do {
            return try JSONDecoder().decode(HomeConfiguration.self, from: Data(bytes))
        } catch {
            throw MeshFailure(
                .storage, "\(file.path) is not valid: \(Self.reason(error))",
                next: "correct it, or remove it and run: meshp2p init --home \(shellQuoted(path))")
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            let field = context.codingPath.map(\.stringValue).joined(separator: ".")
            return field.isEmpty ? context.debugDescription : "the field \"\(field)\" must be text"
        case DecodingError.dataCorrupted(let context):
            return context.debugDescription
        default:
            return "\(error)"
        }
    }

    fileprivate func write(_ configuration: HomeConfiguration) throws(MeshFailure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data: Data
        do {
            data = try encoder.encode(configuration)
        } catch {
            throw MeshFailure(.internal, "the settings cannot be written as JSON: \(error)")
        }
        try configurationFile.replace(with: [UInt8](data) + [UInt8(ascii: "\n")])
    }
}

extension HomeLock {
    /// Writes the settings durably; after a crash they are the old ones or these.
    public func write(_ configuration: HomeConfiguration) throws(MeshFailure) {
        try home.write(configuration)
    }
}
