public import CivilTime

/// Fire times of one job that are not run, oldest first, and why. Fire times that are equally far apart and skipped for
/// one reason take the room of one skip: after a long outage there are millions.
public struct Skips: Hashable, Sendable, Sequence, ExpressibleByArrayLiteral {
    /// Fire times that are skipped for one reason.
    public struct Span: Hashable, Sendable {
        public private(set) var fireTimes: FireTimeSpan
        /// The reason of the first fire time. The others differ from it in how late they are.
        public let reason: SkipReason

        fileprivate init(_ skip: Skip) { (fireTimes, reason) = (FireTimeSpan(skip.fireTime), skip.reason) }

        fileprivate mutating func extend(by skip: Skip) -> Bool {
            let distance = fireTimes.first.duration(to: skip.fireTime)
            return reason.of(later: distance) == skip.reason && fireTimes.extend(to: skip.fireTime)
        }

        fileprivate func skip(_ fireTime: Instant) -> Skip {
            Skip(fireTime, reason.of(later: fireTimes.first.duration(to: fireTime)))
        }
    }

    public private(set) var spans: [Span] = []
    public private(set) var count = 0

    public init() {}

    public init(arrayLiteral elements: Skip...) { self.init(elements) }

    public init(_ skips: some Sequence<Skip>) { skips.forEach { append($0) } }

    public var isEmpty: Bool { spans.isEmpty }

    public var first: Skip? { spans.first.map { $0.skip($0.fireTimes.first) } }

    public var last: Skip? { spans.last.map { $0.skip($0.fireTimes.last) } }

    public mutating func append(_ skip: Skip) {
        count += 1
        if !spans.isEmpty, spans[spans.count - 1].extend(by: skip) { return }
        spans.append(Span(skip))
    }

    public func makeIterator() -> some IteratorProtocol<Skip> {
        spans.lazy.flatMap { span in span.fireTimes.lazy.map { span.skip($0) } }.makeIterator()
    }
}

/// A fire time that is not run.
public struct Skip: Hashable, Sendable {
    public var fireTime: Instant
    public var reason: SkipReason

    public init(_ fireTime: Instant, _ reason: SkipReason) {
        self.fireTime = fireTime
        self.reason = reason
    }
}

/// Why a fire time is not run. `description` is what the ledger keeps.
public enum SkipReason: Hashable, Sendable, CustomStringConvertible {
    /// An earlier run of the job was still open.
    case overlap
    /// This many fire times of the job were waiting already.
    case queueFull(Int)
    /// Found too late for the job's misfire grace.
    case misfire(late: Duration)
    /// Found late, where `catch_up` is `none`.
    case missed(late: Duration)
    /// A newer fire time was due at the same time and runs in its place.
    case superseded
    /// The job is not enabled.
    case paused
    /// Another instance with another ledger decided about it, and GitLab has no pipeline.
    case unrecorded

    public var description: String { words.text(late: late ?? .zero) }

    /// The description without its lateness.
    var words: SkipWords {
        switch self {
        case .overlap: SkipWords("overlap: an earlier run was still open")
        case .queueFull(let count): SkipWords("overlap: \(count) fire times were waiting already")
        case .misfire: SkipWords("misfire: found ", latenessThen: " late")
        case .missed: SkipWords("missed: found ", latenessThen: " late, and catch_up is none")
        case .superseded: SkipWords("superseded by a newer fire time in catch-up")
        case .paused: SkipWords("paused: the job is not enabled")
        case .unrecorded:
            SkipWords("unrecorded: GitLab has no pipeline for it, and the ledger that knew why was lost")
        }
    }

    /// How late the fire time was found, where that is the reason.
    var late: Duration? {
        switch self {
        case .misfire(let late), .missed(let late): late
        case .overlap, .queueFull, .superseded, .paused, .unrecorded: nil
        }
    }

    /// The reason at the same moment for a fire time that is later by `distance`.
    fileprivate func of(later distance: Duration) -> SkipReason {
        switch self {
        case .misfire(let late): .misfire(late: late - distance)
        case .missed(let late): .missed(late: late - distance)
        case .overlap, .queueFull, .superseded, .paused, .unrecorded: self
        }
    }
}
