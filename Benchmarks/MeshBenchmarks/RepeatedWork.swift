/// One piece of work, repeated in batches until its time is used up.
///
/// The clock is the thread's processor time, which other processes move least.
struct RepeatedWork {
    /// Batches of which the median is taken.
    private static let batchCount = 11

    /// The median time of one repetition.
    let nanoseconds: Double
    /// The time of one repetition in the fastest batch.
    let nanosecondsMinimum: Double
    /// All repetitions.
    let repetitions: Int

    /// Repeats `body` for about `milliseconds` of processor time, after one batch to warm up.
    init<Failure: Error>(milliseconds: Int, _ body: () throws(Failure) -> Void) throws(Failure) {
        let goal = UInt64(milliseconds) * 1_000_000 / UInt64(Self.batchCount)
        var size = 1
        var spent = try Self.time(size, body)
        while spent < goal, size < 1 << 30 {
            // Grows by what is missing, at most eightfold: the first repetitions are the slowest.
            let factor = min(8, max(1.3, Double(goal) / Double(max(spent, 1))))
            size = Int((Double(size) * factor).rounded(.up))
            spent = try Self.time(size, body)
        }
        var batches: [Double] = []
        for _ in 0..<Self.batchCount { batches.append(Double(try Self.time(size, body)) / Double(size)) }
        batches.sort()
        nanoseconds = batches[Self.batchCount / 2]
        nanosecondsMinimum = batches[0]
        repetitions = size * Self.batchCount
    }

    private static func time<Failure: Error>(
        _ count: Int, _ body: () throws(Failure) -> Void
    ) throws(Failure) -> UInt64 {
        let start = ProcessorTime.threadNanoseconds
        for _ in 0..<count { try body() }
        return ProcessorTime.threadNanoseconds - start
    }
}
