/// Which counters of the newest 2,048 were received: a ring of bits, 264 bytes inline.
///
/// Unlike the ring of RFC 6479 it loses no counters to the granularity of a word. Source:
/// Specs/noise-datagrams.md, section 6, "Replay".
struct DatagramReplayWindow {
    /// How far back a packet may be.
    static let counterCount: UInt64 = 2048
    private static let wordCount: UInt64 = counterCount / 64

    private var words = InlineArray<32, UInt64>(repeating: 0)
    /// One more than the highest counter received; zero before the first.
    ///
    /// The highest number of all is refused.
    private var end: UInt64 = 0

    /// Takes `counter` of an authentic packet; nil when it was taken before or is too old.
    ///
    /// The result says whether it is the highest so far.
    mutating func take(_ counter: UInt64) -> Bool? {
        guard counter < .max else { return nil }
        let word = Int(counter / 64 % Self.wordCount)
        let bit = UInt64(1) << (counter % 64)
        if counter >= end {
            advance(to: counter)
            words[word] |= bit
            end = counter + 1
            return true
        }
        guard end - 1 - counter < Self.counterCount, words[word] & bit == 0 else { return nil }
        words[word] |= bit
        return false
    }

    /// Clears the places of the counters from the end of the window to `counter`, which becomes the highest.
    private mutating func advance(to counter: UInt64) {
        guard counter - end < Self.counterCount else {
            for index in words.indices { words[index] = 0 }
            return
        }
        var next = end
        while next <= counter {
            let word = Int(next / 64 % Self.wordCount)
            if next % 64 == 0, counter - next >= 63 {
                words[word] = 0
                next += 64
            } else {
                words[word] &= ~(1 << (next % 64))
                next += 1
            }
        }
    }
}
