import MeshConnection
import MeshCore

/// The sockets of a service, and which of them reaches an address.
struct DatagramSocketTable {
    /// Addresses whose socket is remembered, when there is a choice.
    static let maximumRouteCount = 4096

    /// The sockets of one family.
    private struct Family {
        var sockets: [DatagramSocket] = []
        var hasOpenedUnbound = false
    }

    private var ip4 = Family()
    private var ip6 = Family()
    /// Over which socket an address was heard last, kept while a family has several sockets.
    private var routes: [DatagramAddress: DatagramSocket] = [:]

    /// The sockets whose addresses peers are told.
    var listening: [DatagramSocket] { (ip4.sockets + ip6.sockets).filter(\.isListening) }

    mutating func add(_ socket: DatagramSocket) {
        if socket.address.isIP6 { ip6.sockets.append(socket) } else { ip4.sockets.append(socket) }
    }

    /// The socket for datagrams to `address`: the one that heard from there, else one that reaches it.
    func socket(for address: DatagramAddress) -> DatagramSocket? {
        let sockets = address.isIP6 ? ip6.sockets : ip4.sockets
        if sockets.count > 1, let socket = routes[address] { return socket }
        return sockets.first { $0.address.isUnspecified || $0.address.isLoopback == address.isLoopback }
    }

    /// Whether a socket may be opened to reach `address`; says yes once for each family.
    mutating func mayOpen(for address: DatagramAddress) -> Bool {
        if address.isIP6 {
            defer { ip6.hasOpenedUnbound = true }
            return !ip6.hasOpenedUnbound
        }
        defer { ip4.hasOpenedUnbound = true }
        return !ip4.hasOpenedUnbound
    }

    mutating func noteArrival(from address: DatagramAddress, over socket: DatagramSocket) {
        guard (address.isIP6 ? ip6.sockets.count : ip4.sockets.count) > 1 else { return }
        if routes.count >= Self.maximumRouteCount { routes.removeAll(keepingCapacity: true) }
        routes[address] = socket
    }

    mutating func closeAll() {
        for socket in ip4.sockets + ip6.sockets { socket.close() }
        self = DatagramSocketTable()
    }
}
