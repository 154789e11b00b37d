/// What the sync protocol asks of a document; all bytes are of the first update format.
public protocol SyncDocument {
    /// What the document has.
    var encodedStateVector: [UInt8] { get }

    /// What a document with the encoded state vector `stateVector` lacks.
    func encodeStateAsUpdate(since stateVector: [UInt8]) throws(UpdateError) -> [UInt8]

    /// Takes in a peer's update; `origin` names the peer to those who listen to the document.
    func apply(_ update: [UInt8], from origin: String) throws(UpdateError)
}

/// The sync protocol's duties of one side of a connection, without I/O.
///
/// Both sides send step 1 when they connect, answer it with step 2, and from then on send every change as it is made. A side
/// is in sync once it has taken in the other's step 2.
///
/// | access | message | effect |
/// |---|---|---|
/// | any | step 1 | `.reply(step 2)` |
/// | `.readWrite` | step 2 | applied; `.synced` the first time |
/// | `.readWrite` | update | applied |
/// | `.readOnly` | step 2 | not applied; `.refused` when it has structs, since the deletions are repeated in every step 2 |
/// | `.readOnly` | update | not applied; `.refused` unless it is empty |
///
/// A message that throws has changed nothing, and the connection should end. Source: y-protocols 1.0.7, `sync`.
public struct SyncProtocol: Hashable, Sendable {
    /// What the peer may do to the document.
    public enum Access: Hashable, Sendable {
        /// Read and change it.
        case readWrite
        /// Read it: its changes are refused.
        case readOnly
    }

    /// What the driver has to do or to know after a message.
    public enum Effect: Hashable, Sendable {
        /// Send this back.
        case reply(SyncMessage)
        /// The document now has all that the peer had when it connected.
        case synced
        /// A change of this many bytes was not taken in, because the peer may only read.
        case refused(byteCount: Int)
    }

    /// The update without structs and deletions, in the first format.
    static let emptyUpdate: [UInt8] = [0, 0]

    /// What the peer may do.
    public var access: Access
    /// Whether the peer's step 2 was taken in.
    public private(set) var isSynced = false

    /// Creates the side of a new connection whose peer has `access`.
    public init(access: Access = .readWrite) {
        self.access = access
    }

    /// The message that starts the exchange.
    public func start(_ document: some SyncDocument) -> SyncMessage {
        .step1(stateVector: document.encodedStateVector)
    }

    /// Takes in a message of the peer that `origin` names.
    public mutating func receive(
        _ message: SyncMessage, from origin: String, document: some SyncDocument
    ) throws(UpdateError) -> [Effect] {
        switch message {
        case .step1(let stateVector):
            return [.reply(.step2(update: try document.encodeStateAsUpdate(since: stateVector)))]
        case .step2(let update):
            guard access == .readWrite else {
                // An update starts with the number of clients that have structs in it.
                return update.first == 0 ? [] : [.refused(byteCount: update.count)]
            }
            try document.apply(update, from: origin)
            guard !isSynced else { return [] }
            isSynced = true
            return [.synced]
        case .update(let update):
            guard access == .readWrite else {
                return update == Self.emptyUpdate ? [] : [.refused(byteCount: update.count)]
            }
            try document.apply(update, from: origin)
            return []
        }
    }
}
