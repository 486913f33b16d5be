public import CivilTime

/// Fire times of one job that were skipped at one moment and for one reason. The ledger keeps them in one row. Each of
/// them reads as the row that it would have by itself.
public struct SkipSpan: Hashable, Sendable {
    public let job: String
    public let fireTimes: FireTimeSpan
    public let words: SkipWords
    /// A fire time is late from this long after it on: the job's jitter.
    public let delay: Duration
    /// The instance that skipped them: its CI job id, or empty outside CI.
    public let instance: String
    public let skippedAt: Instant

    public init(
        job: String, fireTimes: FireTimeSpan, words: SkipWords, delay: Duration = .zero,
        instance: String = "",
        skippedAt: Instant
    ) {
        self.job = job
        self.fireTimes = fireTimes
        self.words = words
        self.delay = delay
        self.instance = instance
        self.skippedAt = skippedAt
    }

    /// One of the fire times, as a row of its own.
    public func run(at fireTime: Instant) -> Run {
        let late = fireTime.advanced(by: delay).duration(to: skippedAt)
        var run = Run(
            RunID(job: job, fireTime: fireTime), state: .skipped, reason: words.text(late: late))
        run.instance = instance
        run.finishedAt = skippedAt
        return run
    }

    /// The same skip of other fire times.
    public func of(_ fireTimes: FireTimeSpan) -> SkipSpan {
        SkipSpan(
            job: job, fireTimes: fireTimes, words: words, delay: delay, instance: instance,
            skippedAt: skippedAt)
    }
}

/// Why fire times were skipped, in words, and where the words tell how late each fire time was found.
public struct SkipWords: Hashable, Sendable {
    public let text: String
    /// The lateness follows this many bytes of the text; nil: the text tells no lateness. A number marks the place,
    /// because the text itself may hold anything.
    public let latenessAt: Int?

    public init(_ text: String) { (self.text, latenessAt) = (text, nil) }

    init(_ before: String, latenessThen after: String) {
        (text, latenessAt) = (before + after, before.utf8.count)
    }

    /// nil where a text cannot be cut there: both may come from a file.
    public init?(_ text: String, latenessAt place: Int?) {
        if let place {
            guard (0...text.utf8.count).contains(place), Self.cut(text, at: place) != nil else { return nil }
        }
        self.text = text
        latenessAt = place
    }

    public func text(late: Duration) -> String {
        guard let latenessAt, let (before, after) = Self.cut(text, at: latenessAt) else { return text }
        return before + late.rough + after
    }

    private static func cut(_ text: String, at place: Int) -> (before: String, after: String)? {
        let bytes = text.utf8
        let index = bytes.index(bytes.startIndex, offsetBy: place)
        guard let before = String(bytes[..<index]), let after = String(bytes[index...]) else { return nil }
        return (before, after)
    }
}
