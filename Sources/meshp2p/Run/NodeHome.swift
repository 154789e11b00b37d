import MeshNode

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the commands that run no node need of a home folder.
enum NodeHome {
    /// Who the node of a home is.
    struct Identity: Sendable {
        var peer: String
        var did: String
    }

    /// `$MESHP2P_HOME`, else the XDG data folder.
    static func defaultPath() -> String {
        Home.defaultPath(environment: ProcessInfo.processInfo.environment)
    }

    /// The identity in a home; fails when there is none.
    static func identity(in path: String) throws(MeshFailure) -> Identity {
        let home = try Home.open(path, create: false)
        guard let key = try home.identity() else {
            throw MeshFailure(
                .notFound, "the home \(home.path) has no identity yet",
                next: "`meshp2p init` or `meshp2p run` makes one")
        }
        return Identity(peer: key.peerID.description, did: key.did)
    }

    /// The identity in a home, made when there is none; and whether it was made.
    ///
    /// Settings are written only where they are given, over those that the home has.
    static func initialize(
        _ path: String, name: String?, network: String?
    ) throws(MeshFailure) -> (identity: Identity, created: Bool) {
        let home = try Home.open(path, create: true)
        // A running node holds the lock; who only asks whether there is an identity needs none.
        if name == nil, network == nil, let key = try home.identity() {
            return (Identity(peer: key.peerID.description, did: key.did), false)
        }
        let lock = try home.lock()
        defer { lock.release() }
        var configuration = try home.configuration() ?? HomeConfiguration()
        let isNew = try home.identity() == nil
        var generator = SystemRandomNumberGenerator()
        let key = try lock.identity(using: &generator)
        if let name { configuration.name = name }
        if let network { configuration.network = network }
        try lock.write(configuration)
        return (Identity(peer: key.peerID.description, did: key.did), isNew)
    }

    /// Fills in what `init` chose and the arguments did not say.
    static func applySettings(
        to configuration: inout NodeConfiguration, isNetworkGiven: Bool
    ) throws(MeshFailure) {
        guard let path = configuration.home else { return }
        guard let settings = try Home.open(path, create: true).configuration() else { return }
        if configuration.name == nil { configuration.name = settings.name }
        if !isNetworkGiven, let network = settings.network { configuration.network = network }
    }
}
