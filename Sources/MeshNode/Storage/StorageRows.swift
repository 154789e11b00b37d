import FoundationEssentials
import GRDB
import GRDBSQLite
import MeshCore

/// Bytes of a BLOB column, without the detour over `Data`.
struct BlobColumn: DatabaseValueConvertible, StatementColumnConvertible {
    var bytes: [UInt8]

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    init(sqliteStatement: SQLiteStatement, index: CInt) {
        let count = Int(sqlite3_column_bytes(sqliteStatement, index))
        bytes = [UInt8](
            UnsafeRawBufferPointer(start: sqlite3_column_blob(sqliteStatement, index), count: count))
    }

    var databaseValue: DatabaseValue { Data(bytes).databaseValue }

    static func fromDatabaseValue(_ value: DatabaseValue) -> BlobColumn? {
        Data.fromDatabaseValue(value).map { BlobColumn(bytes: [UInt8]($0)) }
    }
}

/// A list of addresses in a BLOB column.
struct AddressColumn: DatabaseValueConvertible, StatementColumnConvertible {
    var addresses: [[UInt8]]

    init(addresses: [[UInt8]]) {
        self.addresses = addresses
    }

    init(sqliteStatement: SQLiteStatement, index: CInt) {
        let count = Int(sqlite3_column_bytes(sqliteStatement, index))
        let start = sqlite3_column_blob(sqliteStatement, index)
        addresses = AddressList.decode(UnsafeRawBufferPointer(start: start, count: count).bytes)
    }

    var databaseValue: DatabaseValue { Data(AddressList.encode(addresses)).databaseValue }

    static func fromDatabaseValue(_ value: DatabaseValue) -> AddressColumn? {
        Data.fromDatabaseValue(value).map { data in
            AddressColumn(addresses: AddressList.decode([UInt8](data).span.bytes))
        }
    }
}

/// A time in an INTEGER column: the 64 bits of the `UInt64`, so that every value comes back as it went in.
struct TimeColumn: DatabaseValueConvertible, StatementColumnConvertible {
    var time: UnixTime

    init(_ time: UnixTime) {
        self.time = time
    }

    init(sqliteStatement: SQLiteStatement, index: CInt) {
        time = UnixTime(seconds: UInt64(bitPattern: sqlite3_column_int64(sqliteStatement, index)))
    }

    var databaseValue: DatabaseValue { Int64(bitPattern: time.seconds).databaseValue }

    static func fromDatabaseValue(_ value: DatabaseValue) -> TimeColumn? {
        Int64.fromDatabaseValue(value).map { TimeColumn(UnixTime(seconds: UInt64(bitPattern: $0))) }
    }
}
