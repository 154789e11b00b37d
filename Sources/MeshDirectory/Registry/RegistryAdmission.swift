import MeshCore
import MeshMultiformats

/// Why a registry refuses a heartbeat; the text is for the people at the other end.
struct RegistryRefusal: Error {
    var status: HeartbeatStatus
    var text: String

    init(_ status: HeartbeatStatus, _ text: String) {
        self.status = status
        self.text = text
    }

    /// The refusal for what is wrong with the heartbeat itself.
    init(_ error: HeartbeatError) {
        text = error.description
        switch error {
        case .tooLarge, .malformed, .repeatedField, .badStatus, .badCount: status = .malformed
        case .badEnvelope(.badSignature): status = .badSignature
        case .badEnvelope: status = .malformed
        case .badInterval: status = .invalidInterval
        case .badRecord, .recordOfAnotherPeer: status = .badRecord
        case .notTheSender: status = .notAuthorized
        case .refused(let refused, _, _): status = refused
        }
    }
}

extension RegistryTable {
    /// Checks a heartbeat in the order of Specs/registry.md: what costs least and says most first.
    func check(
        _ envelope: [UInt8], from peer: PeerID, now: Instant
    ) throws(RegistryRefusal) -> SignedHeartbeat {
        let known = rows[peer]
        if let last = known?.accepted, now.duration(since: last) < configuration.minimumSpacing {
            throw RegistryRefusal(
                .tooSoon, "the last heartbeat came less than \(configuration.minimumSpacing) ago")
        }
        let opened = try refusing { () throws(HeartbeatError) in
            try OpenedHeartbeat(envelope: envelope, sender: peer)
        }
        try checkClock(opened.heartbeat.issued, at: unixTime(now))
        if let last = known?.heartbeat.heartbeat.sequence, opened.heartbeat.sequence <= last {
            throw RegistryRefusal(.staleSequence, "continue after sequence \(last)")
        }
        let signed = try refusing { () throws(HeartbeatError) in try opened.openingRecord() }
        do throws(MeshRecordError) {
            try MeshRecordValidator.check(signed.mesh.record, at: unixTime(now))
        } catch {
            throw RegistryRefusal(.badRecord, error.description)
        }
        if let last = known?.heartbeat.mesh.record.sequence, signed.mesh.record.sequence < last {
            throw RegistryRefusal(.staleRecord, "a mesh record with sequence \(last) is known")
        }
        return signed
    }

    private func checkClock(_ issued: UnixTime, at time: UnixTime) throws(RegistryRefusal) {
        let skew = HeartbeatLimits.clockSkewSeconds
        guard issued <= time.adding(seconds: skew), time <= issued.adding(seconds: skew) else {
            throw RegistryRefusal(
                .clockSkew, "the heartbeat is of \(issued.rfc3339), the registry's clock says \(time.rfc3339)"
            )
        }
    }

    private func refusing<Value>(
        _ body: () throws(HeartbeatError) -> Value
    ) throws(RegistryRefusal) -> Value {
        do throws(HeartbeatError) { return try body() } catch { throw RegistryRefusal(error) }
    }
}
