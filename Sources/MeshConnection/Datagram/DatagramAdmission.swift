import MeshCore
import MeshCrypto

/// A rate in the form in which it is checked: the time that one costs, and how far ahead of the clock a burst may run.
struct DatagramRateLimit {
    let interval: UInt64
    let tolerance: UInt64

    init(_ rate: DatagramConfiguration.Rate) {
        interval = 1_000_000_000 / UInt64(rate.perSecond)
        tolerance = interval * UInt64(rate.burst)
    }

    /// What is used up: the virtual time up to which the rate is spent.
    ///
    /// Source: ITU-T I.371, the virtual scheduling algorithm.
    struct Meter: Hashable {
        fileprivate(set) var spentUntil: UInt64 = 0
    }

    /// Takes one; false, and nothing taken, when the rate is used up.
    func take(_ meter: inout Meter, now: Instant) -> Bool {
        let next = max(meter.spentUntil, now.nanoseconds) + interval
        guard next <= now.nanoseconds + tolerance else { return false }
        meter.spentUntil = next
        return true
    }

    /// Whether one could be taken.
    func hasRoom(_ meter: Meter, now: Instant) -> Bool {
        max(meter.spentUntil, now.nanoseconds) + interval <= now.nanoseconds + tolerance
    }

    /// Takes one beyond the rate; false, and nothing taken, when a whole burst beyond it is used up too.
    func takeBeyond(_ meter: inout Meter, now: Instant) -> Bool {
        let next = max(meter.spentUntil, now.nanoseconds) + interval
        guard next <= now.nanoseconds + 2 * tolerance else { return false }
        meter.spentUntil = next
        return true
    }
}

/// Who may begin a handshake: rates, cookies, and the budgets of prefixes.
///
/// | Cookie | Rates | Verdict |
/// |---|---|---|
/// | valid | of the prefix and of all validated | answer |
/// | valid | one is used up | drop |
/// | none | of the prefix and of all unvalidated, few handshakes in progress | answer |
/// | none | else, and a Retry is within its rates | retry |
/// | none | else, the same packet met silence a moment ago, and a Retry is within the rate for those | retry |
/// | none | else | drop |
///
/// Source: Specs/noise-datagrams.md, sections 5.3 and 12.
struct DatagramAdmission {
    /// What becomes of a first packet.
    enum Verdict: Hashable {
        case answer(isValidated: Bool)
        case retry
        case drop
    }

    /// What a prefix used up.
    private struct Prefix {
        var key: UInt64 = 0
        var handshakes = DatagramRateLimit.Meter()
        var retries = DatagramRateLimit.Meter()
    }

    private struct Secret {
        var number: UInt64
        var madeAt: Instant
        var function: SipHash
    }

    private let configuration: DatagramConfiguration
    private let unvalidatedRate: DatagramRateLimit
    private let validatedRate: DatagramRateLimit
    private let prefixRate: DatagramRateLimit
    private let retryRate: DatagramRateLimit
    private let prefixRetryRate: DatagramRateLimit
    private let repeatedRate: DatagramRateLimit
    private let resetRate: DatagramRateLimit

    private var unvalidated = DatagramRateLimit.Meter()
    private var validated = DatagramRateLimit.Meter()
    private var retries = DatagramRateLimit.Meter()
    private var repeated = DatagramRateLimit.Meter()
    private var silence: DatagramSilence?
    private var resets = DatagramRateLimit.Meter()
    private var declines = DatagramRateLimit.Meter()

    private var prefixes: [Prefix] = []
    private var prefixIndex: DatagramSlotIndex
    /// The prefix that makes room next, once all places are taken.
    private var nextVictim = 0

    private var secret: Secret?
    private var previousSecret: Secret?

    init(_ configuration: DatagramConfiguration, seed: UInt64) {
        self.configuration = configuration
        unvalidatedRate = DatagramRateLimit(configuration.unvalidatedHandshakes)
        validatedRate = DatagramRateLimit(configuration.validatedHandshakes)
        prefixRate = DatagramRateLimit(configuration.handshakesPerPrefix)
        retryRate = DatagramRateLimit(configuration.retries)
        prefixRetryRate = DatagramRateLimit(configuration.retriesPerPrefix)
        repeatedRate = DatagramRateLimit(configuration.repeatedRetries)
        resetRate = DatagramRateLimit(configuration.resets)
        prefixIndex = DatagramSlotIndex(secret: seed)
    }

    /// The prefixes that are counted now.
    var prefixCount: Int { prefixes.count }

    /// Judges a first packet whose cookie field is not valid when `hasCookie` is false.
    ///
    /// `fingerprint` is a keyed hash of the address and the initiator id.
    mutating func judge(
        _ address: DatagramAddress, hasCookie: Bool, fingerprint: UInt64, answeringCount: Int, now: Instant
    ) -> Verdict {
        let slot = prefixSlot(address.prefix)
        if hasCookie {
            guard validatedRate.hasRoom(validated, now: now),
                prefixRate.take(&prefixes[slot].handshakes, now: now)
            else { return .drop }
            _ = validatedRate.take(&validated, now: now)
            return .answer(isValidated: true)
        }
        let isQuiet = answeringCount < configuration.cookieThreshold
        if isQuiet, unvalidatedRate.hasRoom(unvalidated, now: now),
            prefixRate.take(&prefixes[slot].handshakes, now: now)
        {
            _ = unvalidatedRate.take(&unvalidated, now: now)
            return .answer(isValidated: false)
        }
        guard prefixRetryRate.hasRoom(prefixes[slot].retries, now: now) else { return .drop }
        guard retryRate.take(&retries, now: now) || mayRepeat(fingerprint, now: now) else { return .drop }
        _ = prefixRetryRate.take(&prefixes[slot].retries, now: now)
        return .retry
    }

    /// Whether a first packet that is one too many met silence before, as those of honest peers do in a flood.
    private mutating func mayRepeat(_ fingerprint: UInt64, now: Instant) -> Bool {
        var silence = silence.take() ?? DatagramSilence(now: now)
        let isRepeated = silence.remember(fingerprint, now: now)
        self.silence = silence
        return isRepeated && repeatedRate.take(&repeated, now: now)
    }

    /// Whether one more Reset may be sent.
    mutating func takeReset(now: Instant) -> Bool { resetRate.take(&resets, now: now) }

    /// Whether one more Decline may be sent.
    mutating func takeDecline(now: Instant) -> Bool { resetRate.take(&declines, now: now) }

    /// Forgets all prefixes; what they used up before `now` less a few seconds is made good anyway.
    mutating func forgetPrefixes(now: Instant) {
        if let silence, silence.isOver(now: now) { self.silence = nil }
        let isSpent = { (prefix: Prefix) in
            prefix.handshakes.spentUntil > now.nanoseconds || prefix.retries.spentUntil > now.nanoseconds
        }
        guard !prefixes.isEmpty, !prefixes.contains(where: isSpent) else { return }
        for prefix in prefixes { prefixIndex.remove(prefix.key) }
        prefixes = []
        nextVictim = 0
    }

    private mutating func prefixSlot(_ key: UInt64) -> Int {
        if let slot = prefixIndex.find(key) { return slot }
        var slot = prefixes.count
        if slot < configuration.maximumPrefixCount {
            prefixes.append(Prefix(key: key))
        } else {
            slot = nextVictim
            nextVictim = (nextVictim + 1) % prefixes.count
            prefixIndex.remove(prefixes[slot].key)
            prefixes[slot] = Prefix(key: key)
        }
        prefixIndex.set(key, slot)
        return slot
    }
}

/// Which first packets met silence in the last two to four seconds: two bitmaps, used in turns.
///
/// A flood from made-up addresses never repeats itself, but an honest initiator does, after half a second.
struct DatagramSilence {
    /// 2^23 bits, 1 MiB, while a flood lasts: 200,000 packets in one turn make one in forty look repeated.
    private static let wordCount = 1 << 17
    private static let turn = Duration.seconds(2)

    private var current = [UInt64](repeating: 0, count: wordCount)
    private var previous: [UInt64] = []
    private var turnedAt: Instant

    init(now: Instant) {
        turnedAt = now
    }

    /// Whether nothing is left to remember.
    func isOver(now: Instant) -> Bool { now >= turnedAt + Self.turn + Self.turn }

    /// Notes `fingerprint`; true when it was noted before.
    mutating func remember(_ fingerprint: UInt64, now: Instant) -> Bool {
        if now >= turnedAt + Self.turn {
            previous = isOver(now: now) ? [] : current
            current = [UInt64](repeating: 0, count: Self.wordCount)
            turnedAt = now
        }
        let word = Int(truncatingIfNeeded: fingerprint >> 6) & (Self.wordCount - 1)
        let bit = UInt64(1) << (fingerprint & 63)
        let isKnown = current[word] & bit != 0 || !previous.isEmpty && previous[word] & bit != 0
        current[word] |= bit
        return isKnown
    }
}

extension DatagramAdmission {
    /// The cookie field of a packet.
    struct Cookie: Hashable {
        /// Byte 0: 1 + the low bit of the number of its secret.
        let tag: UInt8
        let code: SipHash.Code

        /// Reads 32 bytes; nil when they are no cookie of ours.
        init?(_ bytes: RawSpan) {
            tag = bytes.byte(at: 0)
            let rest: UInt64 = bytes.bigEndian(at: 0)
            guard tag == 1 || tag == 2, rest << 8 == 0, bytes.bigEndian(at: 8, as: UInt64.self) == 0 else {
                return nil
            }
            code = SipHash.Code(high: bytes.bigEndian(at: 16), low: bytes.bigEndian(at: 24))
        }

        fileprivate init(tag: UInt8, code: SipHash.Code) {
            self.tag = tag
            self.code = code
        }

        func append(to output: inout [UInt8]) {
            output.appendBigEndian(UInt64(tag) << 56)
            output.appendBigEndian(UInt64(0))
            output.appendBigEndian(code.high)
            output.appendBigEndian(code.low)
        }
    }

    /// The cookie for the sender of a first packet.
    mutating func cookie(
        for address: DatagramAddress, initiatorID: UInt64, ephemeralKey: Bytes32, now: Instant,
        using rng: inout some RandomNumberGenerator
    ) -> Cookie {
        let secret = currentSecret(now: now, using: &rng)
        return Self.cookie(of: secret, address, initiatorID, ephemeralKey)
    }

    /// Whether `cookie` is one that was made for this packet less than two lifetimes of a secret ago.
    func accepts(
        _ cookie: Cookie, from address: DatagramAddress, initiatorID: UInt64, ephemeralKey: Bytes32,
        now: Instant
    ) -> Bool {
        let lifetime = configuration.cookieSecretLifetime
        for candidate in [secret, previousSecret] {
            guard let candidate, 1 + UInt8(candidate.number & 1) == cookie.tag,
                now < candidate.madeAt + lifetime + lifetime
            else { continue }
            let expected = Self.cookie(of: candidate, address, initiatorID, ephemeralKey)
            return expected.code.equalsInConstantTime(cookie.code)
        }
        return false
    }

    private mutating func currentSecret(
        now: Instant, using rng: inout some RandomNumberGenerator
    ) -> Secret {
        if let secret, now < secret.madeAt + configuration.cookieSecretLifetime { return secret }
        let fresh = Secret(
            number: (secret?.number ?? 0) &+ 1, madeAt: now, function: SipHash(.random(using: &rng)))
        previousSecret = secret
        secret = fresh
        return fresh
    }

    private static func cookie(
        of secret: Secret, _ address: DatagramAddress, _ initiatorID: UInt64, _ ephemeralKey: Bytes32
    ) -> Cookie {
        let words = address.words
        let code = secret.function.code(of: [
            words.0, words.1, words.2, initiatorID, ephemeralKey.word0, ephemeralKey.word1,
            ephemeralKey.word2, ephemeralKey.word3,
        ])
        return Cookie(tag: 1 + UInt8(secret.number & 1), code: code)
    }
}
