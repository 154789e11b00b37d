import MeshConnection
import MeshCore
import MeshTransport
import NIOCore

#if canImport(Glibc)
import Glibc
#endif

extension Node {
    /// Who the node is and how it is doing.
    public func status() async throws -> StatusReport {
        let services = try running()
        let elapsed = services.clock.instant.duration(since: startedAt)
        return StatusReport(
            peer: peer, did: did, name: configuration.name, network: configuration.network,
            kadProtocol: configuration.kadProtocolID, kadMode: services.isServer ? "server" : "client",
            uptimeSeconds: elapsed.milliseconds / 1000, addresses: addresses,
            connections: services.swarm.openConnections.map(StatusReport.Connection.init),
            datagrams: .init(services.datagrams),
            routingTable: .init(peers: services.driver.machine.table.count),
            records: services.driver.machine.records.count,
            providers: services.driver.machine.providers.count,
            registry: services.directory.registry != nil, api: apiAddress,
            memoryBytes: ProcessMemory.residentByteCount)
    }
}

extension StatusReport.Datagrams {
    init(_ service: DatagramService) {
        let counters = service.counters
        var drops: [String: Int] = [:]
        for reason in DatagramCounters.Drop.allCases where counters.drops(reason) > 0 {
            drops["\(reason)"] = counters.drops(reason)
        }
        if service.socketCounters.total > 0 { drops["notSent"] = Int(clamping: service.socketCounters.total) }
        self.init(
            sessions: service.sessionCount, handshakes: counters.established, received: counters.received,
            sent: counters.sent, requestsTaken: counters.requestsTaken, requestsSent: counters.requestsSent,
            retransmissions: counters.retransmissions, drops: drops)
    }
}

extension StatusReport.Connection {
    init(_ connection: PeerConnection) {
        self.init(
            peer: connection.peer?.description ?? "", address: connection.remoteAddress.description,
            direction: connection.direction.rawValue, transport: "tcp",
            path: connection.remoteAddress.isRelayed ? "relay" : "direct")
    }
}

/// What the process holds of the machine's memory.
public enum ProcessMemory {
    /// Resident bytes, zero when the system does not say.
    public static var residentByteCount: Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 128)
        guard fgets(&buffer, Int32(buffer.count), file) != nil else { return 0 }
        let fields = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            .split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
