import Foundation
import MeshCRDT
import Testing

/// Updates that wait for each other.
@Suite struct WaitingUpdatesTests {
    /// Merged updates, in the order in which they came, with their formats; a random session found them.
    ///
    /// A struct of client 1 waits for one of client 130, which waits for an earlier one of client 1, while a later one of
    /// client 1 is in the same update.
    private static let groups: [(format: UpdateFormat, updates: [String])] = [
        (
            .v1,
            [
                "AQP/////DwIHAQN4bWwGBAD/////DwID4oKsKAEDbWFwCNC60LvRjtGHAXUCfS58v8AAAAA=",
                "AQEBFsiCAQiCAQkBfXMA",
            ]
        ),
        (
            .v2,
            [
                "AAACQQICCgABDAUEAIQAxBMOdGV4dEhlbGxvIPCfmIAEQwACAQEAAAEDAwA=",
                "AAADwgIBAQQBAAHIAQAAAAECAQEIdQJ1An1WfcABdQJ4fMICAAB9DQA=",
                "AAAEQQCCAgEKARQBxAUDZGVmAwAAAAEBFwA=",
                "AAALAf////8fAIICQQAECEgmAAEGB0QAqACHACgMCHfDtnJsZGtsBUEAAQABAQJBAQEFDX51Anh2AgF6fEI6AAAB"
                    + "YX0KfgH/////DwEEAA==",
            ]
        ),
        (
            .v2,
            [
                "AAACQQEBBgEIAcQGBPCfmIACAAAAAQELAA==",
                "AAADwgIBAQQBAAcDACgARwAEEw5hcnJheW1hcHfDtnJsZAUDAAUDAQEAAQIBAQEEAAMA/155AA==",
            ]
        ),
        (
            .v1,
            ["AQIBAAcBA3htbAYEAAEAAmJjAA==", "AQEBGsQBAQECA+KCrAA=", "AQKCAQrEAQUBCQJ4CsQBAwELBuaXpeacrAA="]
        ),
        (.v1, ["AQH/////DwAEAQR0ZXh0AngKAA=="]),
    ]

    @Test func `merged updates that wait for each other in turn leave nothing waiting`() throws {
        let document = Document(clientID: 6)
        for group in WaitingUpdatesTests.groups {
            let updates = try group.updates.map { try Array(#require(Data(base64Encoded: $0))) }
            let merged = try Updates.merge(updates, format: group.format)
            try document.apply(merged, format: group.format)
            try document.checkInvariants()
        }
        #expect(document.pendingByteCount == 0)
        // What Yjs 13.6.31 has after the same updates.
        #expect(
            ClockTables.text(document.stateVector) == #"{"1":27,"130":14,"4294967295":5}"#)
    }

    @Test func `an update that comes twice before its time waits once`() throws {
        let update = try #require(Data(base64Encoded: "AQMHDIYHBgZpdGFsaWMCe32EBwwBAIYHDQZpdGFsaWMEbnVsbAA="))
        let document = Document(clientID: 6)
        try document.apply(Array(update))
        let byteCount = document.pendingByteCount
        #expect(byteCount > 0)
        try document.apply(Array(update))
        #expect(document.pendingByteCount == byteCount)
    }
}
