import MeshCore

/// The stored form of a list of addresses: each as an unsigned varint of its length and its bytes.
enum AddressList {
    /// Encodes `addresses` in order.
    static func encode(_ addresses: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount(addresses))
        for address in addresses {
            Varint.append(UInt64(address.count), to: &bytes)
            bytes.append(contentsOf: address)
        }
        return bytes
    }

    /// Decodes a list.
    ///
    /// It ends at the first malformed entry: a bit that rotted on the disk costs one row its addresses, which
    /// the network gives again, and not the node its start.
    static func decode(_ bytes: RawSpan) -> [[UInt8]] {
        var addresses: [[UInt8]] = []
        var offset = 0
        while offset < bytes.byteCount {
            guard let length = try? Varint.read(bytes, at: &offset),
                length <= UInt64(bytes.byteCount - offset)
            else { break }
            let end = offset + Int(length)
            addresses.append(bytes.array(offset..<end))
            offset = end
        }
        return addresses
    }

    /// The number of bytes that ``encode(_:)`` gives.
    static func byteCount(_ addresses: [[UInt8]]) -> Int {
        addresses.reduce(0) { sum, address in
            sum + Varint.byteCount(of: UInt64(address.count)) + address.count
        }
    }
}
