import Hummingbird
import HummingbirdCore
import MeshNode

/// The query string of `GET /api/meshes/public`.
enum ListingQueryText {
    static let path = "/api/meshes/public"
    private static let statuses = ["online", "degraded", "offline"]
    private static let maximumValueBytes = 256

    /// Reads the filters; unknown or repeated ones are refused, because ignoring one would list too much.
    static func parse(_ uri: URI, limits: APILimits) throws(MeshFailure) -> ListingQuery {
        var query = ListingQuery(limit: limits.defaultPageEntries)
        var seen: Set<Substring> = []
        for (name, value) in uri.queryParameters {
            guard seen.insert(name).inserted else {
                throw MeshFailure(.badArgument, "the filter '\(name.prefix(32))' is given twice")
            }
            guard value.utf8.count <= maximumValueBytes else {
                throw MeshFailure(
                    .badArgument, "the filter '\(name.prefix(32))' is longer than \(maximumValueBytes) bytes")
            }
            switch name {
            case "name": query.name = String(value)
            case "capability": query.capability = String(value)
            case "status": query.status = try status(value)
            case "limit": query.limit = try limit(value, maximum: limits.maximumPageEntries)
            case "cursor": query.cursor = String(value)
            default:
                throw MeshFailure(
                    .badArgument, "unknown filter '\(name.prefix(32))'",
                    next: "name, capability, status, limit and cursor are known")
            }
        }
        return query
    }

    /// The path and query of another page of the same question.
    static func path(of query: ListingQuery, cursor: String) -> String {
        var parts = ["limit=\(query.limit)", "cursor=\(PercentEncoding.encode(cursor))"]
        if let name = query.name { parts.append("name=\(PercentEncoding.encode(name))") }
        if let capability = query.capability {
            parts.append("capability=\(PercentEncoding.encode(capability))")
        }
        if let status = query.status { parts.append("status=\(status)") }
        return path + "?" + parts.joined(separator: "&")
    }

    private static func status(_ value: Substring) throws(MeshFailure) -> String {
        guard statuses.contains(String(value)) else {
            throw MeshFailure(.badArgument, "status is one of \(statuses.joined(separator: ", "))")
        }
        return String(value)
    }

    private static func limit(_ value: Substring, maximum: Int) throws(MeshFailure) -> Int {
        guard let limit = Int(value), (1...maximum).contains(limit) else {
            throw MeshFailure(.badArgument, "limit is a number from 1 to \(maximum)")
        }
        return limit
    }
}
