/// The protocols that a multiaddr of ours may name, with their codes.
///
/// Source: multiformats/multiaddr protocols.csv.
public enum MultiaddrProtocol: UInt64, CaseIterable, Hashable, Sendable {
    /// IPv4 address.
    case ip4 = 4
    /// TCP port.
    case tcp = 6
    /// IPv6 address.
    case ip6 = 41
    /// The zone of the IPv6 address that follows.
    case ip6zone = 42
    /// The prefix length of the network that precedes.
    case ipcidr = 43
    /// A name with addresses of either family.
    case dns = 53
    /// A name with IPv4 addresses.
    case dns4 = 54
    /// A name with IPv6 addresses.
    case dns6 = 55
    /// A name whose TXT records list multiaddrs.
    case dnsaddr = 56
    /// UDP port.
    case udp = 273
    /// The relay before it carries the connection to the peer behind it.
    case p2pCircuit = 290
    /// Path of a Unix socket: everything that follows.
    case unix = 400
    /// Peer id; `ipfs` is its old name.
    case p2p = 421
    /// TLS.
    case tls = 448
    /// The server name of the TLS handshake.
    case sni = 449
    /// Noise.
    case noise = 454
    /// QUIC draft 29.
    case quic = 460
    /// QUIC version 1.
    case quicV1 = 461
    /// WebTransport.
    case webtransport = 465
    /// The hash of an acceptable certificate.
    case certhash = 466
    /// WebSocket.
    case ws = 477
    /// WebSocket over TLS.
    case wss = 478
    /// HTTP.
    case http = 480
    /// Path of an HTTP resource, percent-encoded.
    case httpPath = 481
    /// A port inside this process.
    case memory = 777
    /// WebRTC to a server.
    case webrtcDirect = 280
    /// WebRTC between browsers.
    case webrtc = 281

    /// How many bytes a value has.
    enum Size: Hashable, Sendable {
        case fixed(Int)
        case lengthPrefixed
    }

    var size: Size {
        switch self {
        case .ip4: .fixed(4)
        case .tcp, .udp: .fixed(2)
        case .ip6: .fixed(16)
        case .ipcidr: .fixed(1)
        case .memory: .fixed(8)
        case .ip6zone, .dns, .dns4, .dns6, .dnsaddr, .unix, .p2p, .sni, .certhash, .httpPath: .lengthPrefixed
        case .p2pCircuit, .tls, .noise, .quic, .quicV1, .webtransport, .ws, .wss, .http, .webrtcDirect,
            .webrtc:
            .fixed(0)
        }
    }

    /// Whether a component of the protocol has a value.
    public var hasValue: Bool { size != .fixed(0) }

    /// The protocol's name in text.
    public var name: String {
        switch self {
        case .ip4: "ip4"
        case .tcp: "tcp"
        case .ip6: "ip6"
        case .ip6zone: "ip6zone"
        case .ipcidr: "ipcidr"
        case .dns: "dns"
        case .dns4: "dns4"
        case .dns6: "dns6"
        case .dnsaddr: "dnsaddr"
        case .udp: "udp"
        case .p2pCircuit: "p2p-circuit"
        case .unix: "unix"
        case .p2p: "p2p"
        case .tls: "tls"
        case .sni: "sni"
        case .noise: "noise"
        case .quic: "quic"
        case .quicV1: "quic-v1"
        case .webtransport: "webtransport"
        case .certhash: "certhash"
        case .ws: "ws"
        case .wss: "wss"
        case .http: "http"
        case .httpPath: "http-path"
        case .memory: "memory"
        case .webrtcDirect: "webrtc-direct"
        case .webrtc: "webrtc"
        }
    }

    /// The protocol of a name; `ipfs` is an alias of `p2p`.
    public init?(name: String) {
        if name == "ipfs" {
            self = .p2p
            return
        }
        guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = match
    }

    /// A value to show in an error message.
    var example: String {
        switch self {
        case .ip4: "192.0.2.1"
        case .tcp, .udp: "4001"
        case .ip6: "2001:db8::1"
        case .ip6zone: "eth0"
        case .ipcidr: "24"
        case .dns, .dns4, .dns6, .dnsaddr, .sni: "example.org"
        case .unix: "run/node.sock"
        case .p2p: "12D3KooW…"
        case .certhash: "uEiD…"
        case .httpPath: "tmp%2Fbar"
        case .memory: "4"
        case .p2pCircuit, .tls, .noise, .quic, .quicV1, .webtransport, .ws, .wss, .http, .webrtcDirect,
            .webrtc:
            ""
        }
    }
}

extension MultiaddrProtocol: CustomStringConvertible {
    /// The protocol's name.
    public var description: String { name }
}
