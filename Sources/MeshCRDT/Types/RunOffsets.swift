/// Where single values lie in long runs of values that were read lately.
///
/// Values have different sizes, so the place of one follows only from those before it. A look-up remembers where it ended and
/// sets a mark every ``stride`` values; reading a run of a million values in order, or here and there, walks over each of them
/// about once. Marks stay true for good: the bytes of a unit never change, and a run is known by its first unit.
struct RunOffsets {
    private struct Run {
        var client: ClientIndex
        var clock: Clock
        /// Bytes before the values 0, ``stride``, 2 * ``stride`` and so on, as far as known.
        var marks: [UInt32] = [0]
        /// The value that was looked up last, and the bytes before it.
        var unit: UInt32 = 0
        var offset: UInt32 = 0

        /// The known place that is nearest before a value.
        func nearest(to wanted: UInt32) -> (unit: UInt32, offset: UInt32) {
            let mark = min(Int(wanted / RunOffsets.stride), marks.count - 1)
            let markUnit = UInt32(mark) * RunOffsets.stride
            return unit <= wanted && unit > markUnit ? (unit, offset) : (markUnit, marks[mark])
        }
    }

    /// Values between two marks.
    private static let stride: UInt32 = 64
    /// Runs that are remembered at once.
    private static let runLimit = 8
    /// Shorter runs are walked from their start.
    private static let shortLength: UInt32 = 16

    private var runs: [Run] = []
    private var nextRun = 0

    /// Where in `bytes`, which hold all contents, value `unit` of an item lies.
    mutating func offset(of unit: UInt32, in item: Item, bytes: [UInt8]) -> Int {
        let start = Int(item.contentOffset)
        var reader = ByteReader(bytes, range: start..<start + Int(item.contentByteCount))
        guard item.length > Self.shortLength else {
            Self.skip(unit, of: item.kind, &reader)
            return reader.offset
        }
        let number = run(of: item)
        let nearest = runs[number].nearest(to: unit)
        Self.move(&reader, by: Int(nearest.offset))
        var current = nearest.unit
        while current < unit {
            let next = min(unit, (current / Self.stride + 1) * Self.stride)
            Self.skip(next - current, of: item.kind, &reader)
            current = next
            if current == UInt32(runs[number].marks.count) * Self.stride {
                runs[number].marks.append(UInt32(reader.offset - start))
            }
        }
        runs[number].unit = unit
        runs[number].offset = UInt32(reader.offset - start)
        return reader.offset
    }

    /// The number of an item's run, remembered instead of the one that was taken in longest ago when it is new.
    private mutating func run(of item: Item) -> Int {
        if let known = runs.firstIndex(where: { run in run.client == item.client && run.clock == item.clock })
        {
            return known
        }
        let new = Run(client: item.client, clock: item.clock)
        guard runs.count == Self.runLimit else {
            runs.append(new)
            return runs.count - 1
        }
        let number = nextRun
        nextRun = (nextRun + 1) % Self.runLimit
        runs[number] = new
        return number
    }

    private static func skip(_ count: UInt32, of kind: ContentKind, _ reader: inout ByteReader) {
        for _ in 0..<count {
            // The bytes were checked when they came in.
            if kind == .any {
                _ = try? AnyCodec.skip(&reader, depthLimit: .max)
            } else {
                _ = try? reader.varBytes()
            }
        }
    }

    private static func move(_ reader: inout ByteReader, by count: Int) {
        _ = try? reader.skip(count)
    }
}

extension Store {
    /// Where in the contents value `unit` of a run of values lies.
    mutating func runOffset(of unit: UInt32, in item: Item) -> Int {
        runOffsets.offset(of: unit, in: item, bytes: content.bytes)
    }

    /// Where in the contents the part of an item from `unit` on lies; nil when that must be found out from its start.
    ///
    /// Short ends of long runs are what single changes leave, one after the other.
    mutating func tailOffset(of unit: UInt32, in item: Item) -> Int? {
        let start = Int(item.contentOffset)
        let end = start + Int(item.contentByteCount)
        switch item.kind {
        case .any, .json:
            return runOffset(of: unit, in: item)
        case .string:
            guard item.contentByteCount != item.length else { return start + Int(unit) }
            // Walking from the start goes eight bytes at a time.
            guard item.length - unit < unit / 8 else { return nil }
            return UTF16Text.startOffset(in: content.bytes, start..<end, ofLastUTF16: Int(item.length - unit))
        case .gc, .deleted, .binary, .embed, .format, .type, .document, .skip:
            return nil
        }
    }
}
