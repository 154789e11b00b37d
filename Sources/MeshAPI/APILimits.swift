/// The limits of the HTTP API and of its client; none of them comes from a standard.
public struct APILimits: Sendable {
    /// Bytes of a request body at most: a kad value of 64 KiB in base64, with room to spare.
    public var maximumRequestBodyBytes = 256 * 1024
    /// Bytes of one header line, and of all, at most.
    public var maximumHeaderBytes = 16 * 1024
    /// Headers at most.
    public var maximumHeaderCount = 64
    /// Connections of one listener at most; more wait in the kernel's queue.
    public var maximumConnections = 128
    /// How long a connection may be silent between requests.
    public var idleTimeout: Duration = .seconds(30)
    /// Entries of one page of the public listing at most.
    public var maximumPageEntries = 500
    /// Entries of one page when the question names no limit.
    public var defaultPageEntries = 100

    /// Creates the defaults.
    public init() {}
}
