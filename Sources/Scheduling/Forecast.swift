public import CivilTime

/// What a start at this moment would do. The scheduler itself decides it, and nothing is done.
public struct Forecast: Sendable {
    /// Rows it would write: fire times to run, and fire times that are skipped, oldest first.
    public private(set) var rows: [Run] = []
    /// The claims among the rows that wait for an earlier run of their job.
    public private(set) var held: Set<RunID> = []
    /// Open runs of the ledger that it would go on with, oldest first.
    public private(set) var resumed: [Run] = []
    /// Jobs the ledger does not know: they have no past.
    public private(set) var newJobs: [String] = []
    /// Jobs that missed more fire times than one plan takes, each with the last one that is decided. The scheduler
    /// decides the later ones when it has posted most of the earlier runs.
    public private(set) var later: [String: Instant] = [:]

    /// - Parameters:
    ///   - covered: the ledger's covered-through marks.
    ///   - open: the ledger's open runs. The forecast assumes that their pipelines go on.
    public init(jobs: [Job], covered: [String: Instant], open: [Run], settings: Settings, now: Instant) {
        var settings = settings
        // Without an instance: only GitLab knows the other instances, and a forecast does not ask GitLab.
        settings.instance = nil
        // A start posts one claim alone until it knows how marks travel: that changes nothing of what becomes of the others.
        settings.mark = settings.mark ?? .variables
        resumed = open.sorted { $0.id < $1.id }
        newJobs = jobs.map(\.name).filter { covered[$0] == nil }.sorted()
        // An empty ledger may be a lost one, and only GitLab could tell. The forecast takes it for a first start.
        guard !covered.isEmpty else { return }
        var scheduler = Scheduler(jobs: jobs, covered: covered, open: open, settings: settings, now: now)
        var found: [RunID: Run] = [:]
        repeat {
            var decision = scheduler.handle(.woke, at: now)
            while !decision.isEmpty {
                for case .insert(let run) in decision.changes { found[run.id] = run }
                for case .skip(let span) in decision.changes {
                    for fireTime in span.fireTimes {
                        found[RunID(job: span.job, fireTime: fireTime)] = span.run(at: fireTime)
                    }
                }
                decision = Self.next(&scheduler, after: decision, now)
            }
        } while scheduler.nextWake.map { $0 <= now } ?? false
        for place in scheduler.jobs.putOff {
            let state = scheduler.jobs.states[place]
            later[state.job.name] = state.covered
        }
        rows = found.values.sorted { $0.id < $1.id }
        held = Set(found.keys.filter { scheduler.jobs.isHeld($0) })
    }

    /// Stands in for the ledger and GitLab: commits the changes, and answers each look with a pipeline that still goes.
    private static func next(
        _ scheduler: inout Scheduler, after decision: Decision, _ now: Instant
    ) -> Decision {
        var events: [Event] = decision.changes.isEmpty ? [] : [.committed(duplicates: [])]
        for case .look(let run, _, let pipeline) in decision.requests {
            let sighting = Sighting(pipeline: Pipeline(id: pipeline, url: ""), progress: .going)
            events.append(.looked(run, .success(sighting)))
        }
        return scheduler.handle(events, at: now)
    }
}
