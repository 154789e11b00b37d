import MeshCore
import MeshCrypto

/// How packets leave: sealed, counted, and held back while an address is not validated.
extension DatagramEndpoint {
    /// Begins a Data packet of a session and gives the place where it starts; frames are appended next.
    mutating func beginData(_ slot: Int, into effects: inout DatagramEffects) -> Int {
        let start = effects.arena.count
        effects.arena.append(DatagramPacket.data.rawValue)
        effects.arena.appendBigEndian(sessions[slot].remoteID)
        effects.arena.appendBigEndian(sessions[slot].sendCounter)
        return start
    }

    /// Seals the packet that starts at `start` and sends it.
    mutating func finishData(
        _ slot: Int, start: Int, to address: DatagramAddress, into effects: inout DatagramEffects
    ) {
        sessionKeys.seal(
            slot, counter: sessions[slot].sendCounter, packetAt: start,
            headerByteCount: DatagramPacket.dataHeaderByteCount, in: &effects.arena)
        sessions[slot].sendCounter += 1
        if sessions[slot].pathSlot != DatagramSession.none {
            sendOnPath(slot, start: start, to: address, into: &effects)
        } else {
            send(from: start, to: address, into: &effects)
        }
    }

    /// Sends what lies in the arena from `start` on.
    mutating func send(from start: Int, to address: DatagramAddress, into effects: inout DatagramEffects) {
        let range = start..<effects.arena.count
        counters.sent += 1
        counters.sentBytes += range.count
        effects.datagrams.append(DatagramEffects.Outgoing(range: range, to: address))
    }

    /// Sends `packet`.
    mutating func send(
        _ packet: [UInt8], to address: DatagramAddress, into effects: inout DatagramEffects
    ) {
        let start = effects.arena.count
        effects.arena.append(packet.span.bytes)
        send(from: start, to: address, into: &effects)
    }
}
