import MeshMultiformats

extension Multiaddr {
    /// Whether the address is one of Noise datagrams, which no stream transport speaks.
    public var isNoiseDatagram: Bool { contains(.udp) && contains(.noise) && !isRelayed }
}
