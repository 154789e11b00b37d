/// A question to the listing; nil filters nothing.
public struct RegistryQuery: Hashable, Sendable {
    /// The most entries of a page.
    public static let maximumLimit = 1_000
    /// The entries of a page when the question does not say.
    public static let defaultLimit = 100

    /// Only meshes with this name after normalisation.
    public var name: MeshName?
    /// Only meshes that have this capability.
    public var capability: MeshCapability?
    /// Only meshes with this status.
    public var status: MeshStatus?
    /// The most entries, bounded to 1 to ``maximumLimit``.
    public var limit: Int
    /// Only entries behind this position.
    public var cursor: RegistryCursor?

    /// Creates a question.
    public init(
        name: MeshName? = nil, capability: MeshCapability? = nil, status: MeshStatus? = nil,
        limit: Int = RegistryQuery.defaultLimit, cursor: RegistryCursor? = nil
    ) {
        self.name = name
        self.capability = capability
        self.status = status
        self.limit = min(max(1, limit), Self.maximumLimit)
        self.cursor = cursor
    }

    /// Reads a question as texts, such as the parameters of an HTTP request; nothing that is wrong is ignored.
    public init(
        name: String?, capability: String?, status: String?, limit: Int = RegistryQuery.defaultLimit,
        cursor: String?
    ) throws(RegistryQueryError) {
        self.init(limit: limit)
        guard limit == self.limit else { throw .badLimit(limit) }
        do throws(DirectoryNameError) {
            if let name { self.name = try MeshName(typed: name) }
        } catch {
            throw .badName(error)
        }
        do throws(DirectoryNameError) {
            if let capability { self.capability = try MeshCapability(typed: capability) }
        } catch {
            throw .badCapability(error)
        }
        self.status = status.flatMap { MeshStatus(name: $0) }
        if let status, self.status == nil { throw .badStatus(status) }
        self.cursor = cursor.flatMap { RegistryCursor($0) }
        if let cursor, self.cursor == nil { throw .badCursor(cursor) }
    }

    func matches(_ entry: RegistryEntry) -> Bool {
        (status.map { $0 == entry.status } ?? true)
            && (capability.map { entry.capabilities.contains($0) } ?? true)
            && (name.map { $0.normalizedUTF8 == entry.name.normalizedUTF8 } ?? true)
    }
}

/// Why texts are not a question to the listing.
public enum RegistryQueryError: Error, Hashable, Sendable {
    /// The name breaks a rule.
    case badName(DirectoryNameError)
    /// The capability breaks a rule.
    case badCapability(DirectoryNameError)
    /// The status is none of the three words.
    case badStatus(String)
    /// The limit is not 1 to ``RegistryQuery/maximumLimit``.
    case badLimit(Int)
    /// The cursor is not one.
    case badCursor(String)
}

extension RegistryQueryError: CustomStringConvertible {
    /// One sentence that says what is wrong and what to do.
    public var description: String {
        switch self {
        case .badName(let error), .badCapability(let error): error.description
        case .badStatus(let text):
            "\(DisplayText.safe(text, limit: 40)) is not a status; use online, degraded or offline"
        case .badLimit(let limit): "the limit \(limit) is not 1 to \(RegistryQuery.maximumLimit)"
        case .badCursor(let text):
            "\(DisplayText.safe(text, limit: 40)) is not a cursor; take the one of the page before"
        }
    }
}
