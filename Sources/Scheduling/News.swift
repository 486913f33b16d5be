import CivilTime

/// What people may want to hear, in the order in which it happened.
public enum News: Hashable, Sendable {
    case outcome(Outcome)
    case skipped(job: String, Skips)
    case notice(Notice)

    /// How the log tells it.
    public var notice: Notice {
        switch self {
        case .outcome(let outcome): outcome.notice
        case .skipped(let job, let skips): Notice(job: job, skips)
        case .notice(let notice): notice
        }
    }
}

/// What became of a run: the run as the event left it.
public struct Outcome: Hashable, Sendable {
    public let run: Run
    public let event: RunEvent

    var notice: Notice {
        func notice(_ level: Notice.Level, _ event: String, _ message: String) -> Notice {
            Notice(level, event, message, run: run.id, pipelineURL: run.pipeline?.url)
        }
        let took = run.length.map { " after \($0.rough)" } ?? ""
        let reason = run.reason ?? ""
        switch event {
        // The log does not tell these two, see `Scheduler.move`.
        case .sending, .progressed: return notice(.debug, "moved", "")
        case .created:
            let late = run.lateness.map(\.rough) ?? "unknown"
            return notice(.info, "triggered", "pipeline created, \(late) after the fire time")
        case .found: return notice(.info, "found", "GitLab has a pipeline for it")
        case .refused: return notice(.error, "refused", "GitLab refused: \(reason)")
        case .postponed(_, let until):
            return notice(.warning, "postponed", "no pipeline yet, next try at \(until.rfc3339): \(reason)")
        case .answerLost:
            let words = "the scheduler asks GitLab whether the pipeline exists: \(reason)"
            return notice(.warning, "uncertain", words)
        case .provedAbsent:
            return notice(.info, "absent", "GitLab has no pipeline for it; the scheduler posts it again")
        case .dropped: return notice(.info, "skipped", "skipped: \(reason)")
        case .retrying: return notice(.warning, "retrying", reason)
        case .retried(let attempts):
            return notice(.info, "retried", "the failed jobs run again, attempt \(attempts)")
        case .blocked: return notice(.warning, "blocked", reason)
        case .succeeded: return notice(.info, "succeeded", "succeeded\(took)")
        case .failed: return notice(.error, "failed", "failed\(took): \(reason)")
        case .canceled(let words):
            return notice(.warning, "canceled", "canceled\(took)\(words.map { ": \($0)" } ?? "")")
        case .skippedByGitLab: return notice(.warning, "skipped", reason)
        case .unprovable, .vanished: return notice(.error, "lost", reason)
        }
    }
}

/// One line of the log.
public struct Notice: Hashable, Sendable {
    public enum Level: String, Sendable, CaseIterable, Comparable {
        case debug, info, warning, error

        public static func < (left: Level, right: Level) -> Bool {
            Level.allCases.firstIndex(of: left) ?? 0 < Level.allCases.firstIndex(of: right) ?? 0
        }
    }

    public var level: Level
    /// What happened, in one or two words, such as `triggered`: for machines to filter on.
    public var event: String
    public var message: String
    public var run: RunID?
    public var pipelineURL: String?

    public init(
        _ level: Level, _ event: String, _ message: String, run: RunID? = nil, pipelineURL: String? = nil
    ) {
        self.level = level
        self.event = event
        self.message = message
        self.run = run
        self.pipelineURL = pipelineURL
    }

    /// One line for fire times of one job that are skipped together, oldest first. It carries the run id of the last
    /// one.
    fileprivate init(job: String, _ skips: Skips) {
        let (first, last) = (skips.first, skips.last)
        var message = "skipped: \(first?.reason.description ?? "")"
        if skips.count > 1, let first, let last {
            message =
                "skipped \(skips.count) fire times, \(first.fireTime.rfc3339) to \(last.fireTime.rfc3339): "
                + "\(last.reason)"
        }
        self.init(.info, "skipped", message, run: last.map { RunID(job: job, fireTime: $0.fireTime) })
    }
}
