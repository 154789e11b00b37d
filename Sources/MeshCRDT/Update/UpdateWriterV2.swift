/// Writes updates of the second format.
///
/// Source: Yjs 13.6 `UpdateEncoderV2`.
struct UpdateWriterV2: UpdateWriting {
    static var format: UpdateFormat { .v2 }

    private var keyClocks = ClockColumnWriter()
    private var clients = NumberColumnWriter()
    private var leftClocks = ClockColumnWriter()
    private var rightClocks = ClockColumnWriter()
    private var infos = ByteColumnWriter()
    private var texts = TextColumnWriter()
    private var parentInfos = ByteColumnWriter()
    private var typeKinds = NumberColumnWriter()
    private var lengths = NumberColumnWriter()
    private var rest: [UInt8] = []
    private var frames: ClientFrames
    /// The number of the next key.
    ///
    /// Yjs writes every key anew, and so must whoever wants its bytes.
    private var nextKey: Clock = 0

    init() {
        frames = ClientFrames(in: &rest)
    }

    @inline(__always)
    mutating func beginClient(_ client: ClientID, clock: Clock, structCount: Int = 1) {
        frames.begin(structCount: structCount, in: &rest)
        clients.append(client)
        rest.appendVarUint(UInt64(clock))
    }

    mutating func finish(_ deleteSet: DeleteSet) -> [UInt8] {
        frames.finish(in: &rest)
        deleteSet.append(to: &rest, format: .v2)
        var out: [UInt8] = []
        out.reserveCapacity(expectedByteCount)
        // The feature flag.
        out.append(0)
        keyClocks.finish(to: &out)
        clients.finish(to: &out)
        leftClocks.finish(to: &out)
        rightClocks.finish(to: &out)
        infos.finish(to: &out)
        texts.finish(to: &out)
        parentInfos.finish(to: &out)
        typeKinds.finish(to: &out)
        lengths.finish(to: &out)
        out.move(from: &rest)
        frames = ClientFrames(in: &rest)
        nextKey = 0
        return out
    }

    /// About how many bytes the update will have: every column ends with a run and has its byte count in front.
    private var expectedByteCount: Int {
        let columns =
            keyClocks.bytes.count + clients.bytes.count + leftClocks.bytes.count + rightClocks.bytes.count
            + infos.bytes.count + texts.bytes.count + texts.lengths.bytes.count + parentInfos.bytes.count
            + typeKinds.bytes.count + lengths.bytes.count + rest.count
        return columns + (columns < 64 ? 64 : 320)
    }

    @inline(__always)
    mutating func head(_ info: UInt8, origin: ID?, rightOrigin: ID?) {
        frames.countStruct()
        infos.append(info)
        if let origin {
            clients.append(origin.client)
            leftClocks.append(origin.clock)
        }
        if let rightOrigin {
            clients.append(rightOrigin.client)
            rightClocks.append(rightOrigin.clock)
        }
    }

    mutating func parentIsRoot() { parentInfos.append(1) }

    mutating func parentItem(_ id: ID) {
        parentInfos.append(0)
        clients.append(id.client)
        leftClocks.append(id.clock)
    }

    @inline(__always)
    mutating func string(_ bytes: [UInt8], _ range: Range<Int>, length: UInt32?) {
        texts.append(bytes, range, length: length)
    }

    mutating func cutString(_ bytes: [UInt8], _ range: Range<Int>, length: UInt32) {
        texts.appendCut(bytes, range, length: length)
    }

    @inline(__always)
    mutating func length(_ length: UInt32) { lengths.append(UInt64(length)) }

    mutating func skipLength(_ length: UInt32) { rest.appendVarUint(UInt64(length)) }

    mutating func typeKind(_ kind: UInt8) { typeKinds.append(UInt64(kind)) }

    mutating func key(_ bytes: [UInt8], _ range: Range<Int>) {
        keyClocks.append(nextKey)
        nextKey += 1
        texts.append(bytes, range, length: nil)
    }

    mutating func binary(_ bytes: [UInt8], _ range: Range<Int>) {
        rest.appendVarBytes(bytes, range)
    }

    mutating func values(_ bytes: [UInt8], _ range: Range<Int>) {
        rest.append(contentsOf: bytes[range])
    }

    mutating func value(_ bytes: [UInt8], _ range: Range<Int>) {
        rest.append(contentsOf: bytes[range])
    }
}
