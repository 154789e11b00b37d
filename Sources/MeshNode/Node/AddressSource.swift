import MeshMultiformats

/// The address book that the parts of one node share.
///
/// Belongs to the node's event loop.
final class AddressSource {
    private var book = AddressBook()

    func addresses(of peer: PeerID) -> [Multiaddr] { book.addresses(of: peer) }

    func learn(_ addresses: [Multiaddr], of peer: PeerID) { book.learn(addresses, of: peer) }

    func confirm(_ addresses: [Multiaddr], of peer: PeerID) { book.confirm(addresses, of: peer) }

    func succeeded(_ address: Multiaddr, of peer: PeerID) { book.succeeded(address, of: peer) }
}
