import MeshConnection
import MeshCore
import MeshCrypto
import MeshMultiformats

/// Datagrams of strangers to fresh endpoints and to endpoints in the middle of a handshake, and a network that damages.
enum DatagramFuzz {
    static func run(_ input: [UInt8]) throws {
        var parts = FuzzInput(input)
        switch parts.byte() & 3 {
        case 0: try strangers(&parts, .none)
        case 1: try strangers(&parts, .initiator)
        case 2: try strangers(&parts, .responder)
        default: try network(&parts)
        }
    }

    private enum Middle {
        case none
        case initiator
        case responder
    }

    /// Packets as the input says; in the middle of a handshake they bear its connection id where the input asks for it.
    private static func strangers(_ parts: inout FuzzInput, _ middle: Middle) throws {
        var rng = SeededGenerator(seed: 5)
        var now = Instant(nanoseconds: 1 << 40)
        let node = DatagramFuzzNode(FuzzKeys.own, using: &rng)
        let other = DatagramFuzzNode(FuzzKeys.peer, using: &rng)
        var id: [UInt8] = []
        if middle != .none {
            let asker = middle == .initiator ? node : other
            let asked = middle == .initiator ? other : node
            let place = DatagramFuzzNode.address(0)
            var packets = try asker.request([1, 2, 3], to: asked.peer, at: [place], now: now, using: &rng)
            if let first = packets.first, middle == .responder {
                packets = try node.receive(first.1, from: place, now: now, using: &rng)
            }
            // Its own id: that of the initiator at 4, that of the responder at 12.
            id = packets.first.map { Array($0.1[middle == .initiator ? 4..<12 : 12..<20]) } ?? []
        }
        while !parts.isEmpty {
            let command = parts.byte()
            now = now + .milliseconds(Int(parts.byte()) * Int(command >> 6) * 8)
            var packet = parts.take(Int(parts.byte()) << 8 | Int(parts.byte()))
            if command & 8 != 0, packet.count < 1200 {
                packet += [UInt8](repeating: 0, count: 1200 - packet.count)
            }
            if command & 16 != 0, !id.isEmpty, packet.count >= 12 {
                packet.replaceSubrange(packet[0] == 0x14 ? 1..<9 : 4..<12, with: id)
            }
            let from = DatagramFuzzNode.address(command)
            _ = try node.receive(packet, from: from, now: now, using: &rng)
            _ = try node.advance(now: now, using: &rng)
        }
        _ = try node.close()
    }

    /// Two endpoints; every packet is delivered, lost, doubled, damaged or held back as the input says.
    private static func network(_ parts: inout FuzzInput) throws {
        var rng = SeededGenerator(seed: 6)
        var now = Instant(nanoseconds: 1 << 40)
        let nodes = [
            DatagramFuzzNode(FuzzKeys.own, using: &rng), DatagramFuzzNode(FuzzKeys.peer, using: &rng),
        ]
        for node in nodes { node.proven = [DatagramFuzzNode.address(0), DatagramFuzzNode.address(1)] }
        var flights: [(to: Int, bytes: [UInt8])] = []
        func launch(_ datagrams: [(DatagramAddress, [UInt8])]) {
            for (address, bytes) in datagrams {
                flights.append((address == DatagramFuzzNode.address(0) ? 0 : 1, bytes))
            }
        }
        while !parts.isEmpty {
            let command = parts.byte()
            let side = Int(command >> 7)
            let node = nodes[side]
            switch command & 7 {
            case 0:
                let message = [UInt8](repeating: command, count: 1 + Int(parts.byte()) * 10)
                launch(
                    try node.request(
                        message, to: nodes[1 - side].peer, at: [DatagramFuzzNode.address(UInt8(1 - side))],
                        now: now, using: &rng))
            case 1:
                launch(try node.respond(byteCount: 1 + Int(parts.byte()) * 37, now: now, using: &rng))
            case 2:
                now = now + .milliseconds(Int(parts.byte()) << Int(command >> 3 & 15))
                for node in nodes { launch(try node.advance(now: now, using: &rng)) }
            default:
                guard !flights.isEmpty else { continue }
                var flight = flights.remove(at: Int(parts.byte()) % flights.count)
                if command & 7 == 3 { continue }
                if command & 7 == 4 { flights.append(flight) }
                if command & 7 == 5, !flight.bytes.isEmpty {
                    flight.bytes[(Int(parts.byte()) << 2) % flight.bytes.count] ^= parts.byte()
                }
                let from = DatagramFuzzNode.address(UInt8(1 - flight.to))
                launch(try nodes[flight.to].receive(flight.bytes, from: from, now: now, using: &rng))
            }
            if flights.count > 200 { flights.removeFirst(100) }
        }
        for node in nodes { _ = try node.close() }
    }
}
