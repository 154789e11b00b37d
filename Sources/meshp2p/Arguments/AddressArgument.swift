import ArgumentParser
import MeshMultiformats

/// A multiaddr on the command line.
enum AddressArgument {
    @Sendable static func parse(_ text: String) throws -> Multiaddr {
        do {
            return try Multiaddr(text)
        } catch {
            throw ValidationError(
                "\(TerminalText.quoted(text)) is not a multiaddr: \(error). One looks like /ip4/192.0.2.1/tcp/4101/p2p/12D3KooW…."
            )
        }
    }
}
