/// Work on updates without a document: what Yjs does, byte for byte, in time linear in their size.
///
/// Every function validates all of what it reads and throws ``UpdateError`` otherwise. Deviations from Yjs, all for updates
/// that Yjs does not write: a struct that does not follow the one before it starts its client anew; deletions that are not
/// sorted are sorted where v2 cannot express them; a state vector names its clients from the highest down.
public enum Updates {
    /// One update with all that `updates` hold; gaps between them are kept as such.
    ///
    /// A single update is returned as it is. O(n log m) for n structs in m updates.
    public static func merge(
        _ updates: [[UInt8]], format: UpdateFormat = .v1, limits: DocumentLimits = DocumentLimits()
    ) throws(UpdateError) -> [UInt8] {
        switch format {
        case .v1: try UpdateMerge<UpdateReaderV1, UpdateWriterV1>.merge(updates, limits: limits)
        case .v2: try UpdateMerge<UpdateReaderV2, UpdateWriterV2>.merge(updates, limits: limits)
        }
    }

    /// What of `update` a document with the state `stateVector` does not have; all deletions stay.
    public static func diff(
        _ update: [UInt8], since stateVector: StateVector, format: UpdateFormat = .v1,
        limits: DocumentLimits = DocumentLimits()
    ) throws(UpdateError) -> [UInt8] {
        switch format {
        case .v1:
            var reader = try UpdateReaderV1(update, limits: limits)
            return try UpdateTranscoder<UpdateWriterV1>.diff(&reader, since: stateVector)
        case .v2:
            var reader = try UpdateReaderV2(update, limits: limits)
            return try UpdateTranscoder<UpdateWriterV2>.diff(&reader, since: stateVector)
        }
    }

    /// The state of an empty document after `update`: what starts at clock 0 of a client, up to the first gap.
    public static func stateVector(
        of update: [UInt8], format: UpdateFormat = .v1, limits: DocumentLimits = DocumentLimits()
    ) throws(UpdateError) -> StateVector {
        switch format {
        case .v1:
            var reader = try UpdateReaderV1(update, limits: limits)
            return try StateVector(of: &reader)
        case .v2:
            var reader = try UpdateReaderV2(update, limits: limits)
            return try StateVector(of: &reader)
        }
    }

    /// The same update in the other format.
    ///
    /// Between one and the same format it writes the update as Yjs would have.
    public static func convert(
        _ update: [UInt8], from source: UpdateFormat, to target: UpdateFormat,
        limits: DocumentLimits = DocumentLimits()
    ) throws(UpdateError) -> [UInt8] {
        switch source {
        case .v1:
            var reader = try UpdateReaderV1(update, limits: limits)
            return try convert(&reader, to: target)
        case .v2:
            var reader = try UpdateReaderV2(update, limits: limits)
            return try convert(&reader, to: target)
        }
    }

    /// The same update with other contents: its structure stays, texts, values, keys and names are made up.
    public static func obfuscate(
        _ update: [UInt8], format: UpdateFormat = .v1, options: ObfuscationOptions = ObfuscationOptions(),
        limits: DocumentLimits = DocumentLimits()
    ) throws(UpdateError) -> [UInt8] {
        switch format {
        case .v1:
            var reader = try UpdateReaderV1(update, limits: limits)
            return try UpdateTranscoder<UpdateWriterV1>.obfuscate(&reader, options)
        case .v2:
            var reader = try UpdateReaderV2(update, limits: limits)
            return try UpdateTranscoder<UpdateWriterV2>.obfuscate(&reader, options)
        }
    }

    /// From which clock to which the update names each client.
    public static func meta(
        of update: [UInt8], format: UpdateFormat = .v1, limits: DocumentLimits = DocumentLimits()
    ) throws(UpdateError) -> UpdateMeta {
        switch format {
        case .v1:
            var reader = try UpdateReaderV1(update, limits: limits)
            return try UpdateMeta(of: &reader)
        case .v2:
            var reader = try UpdateReaderV2(update, limits: limits)
            return try UpdateMeta(of: &reader)
        }
    }

    /// All structs and deletions of the update, with their contents as values; for tools.
    public static func decode(
        _ update: [UInt8], format: UpdateFormat = .v1, limits: DocumentLimits = DocumentLimits()
    ) throws(UpdateError) -> DecodedUpdate {
        switch format {
        case .v1:
            var reader = try UpdateReaderV1(update, limits: limits)
            return try DecodedUpdate(of: &reader, limits: limits)
        case .v2:
            var reader = try UpdateReaderV2(update, limits: limits)
            return try DecodedUpdate(of: &reader, limits: limits)
        }
    }

    private static func convert<Reader: UpdateReading>(
        _ reader: inout Reader, to target: UpdateFormat
    ) throws(UpdateError) -> [UInt8] {
        switch target {
        case .v1: try UpdateTranscoder<UpdateWriterV1>.convert(&reader)
        case .v2: try UpdateTranscoder<UpdateWriterV2>.convert(&reader)
        }
    }
}
