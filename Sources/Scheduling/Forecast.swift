public import CivilTime

/// What a start at this moment would do, found out by the scheduler itself: nothing it wants done is done.
public struct Forecast: Sendable {
    /// Rows it would write: fire times to run, and fire times that are skipped, oldest first.
    public private(set) var rows: [Run] = []
    /// Those of them that wait for an earlier run of their job.
    public private(set) var held: Set<RunID> = []
    /// Open runs of the ledger that it would go on with, oldest first.
    public private(set) var resumed: [Run] = []
    /// Jobs the ledger does not know: they have no past.
    public private(set) var newJobs: [String] = []
    /// Jobs that have missed so much that fire times after these are decided only when most of the runs before are posted.
    public private(set) var later: [String: Instant] = [:]

    /// - Parameters:
    ///   - covered: the ledger's covered-through marks.
    ///   - open: the ledger's open runs. Their pipelines are taken to go on.
    public init(jobs: [Job], covered: [String: Instant], open: [Run], settings: Settings, now: Instant) {
        var settings = settings
        // Without an instance: only GitLab knows the other instances, and a forecast does not ask GitLab.
        settings.instance = nil
        resumed = open.sorted { $0.id < $1.id }
        newJobs = jobs.map(\.name).filter { covered[$0] == nil }.sorted()
        // An empty ledger may be a lost one, which only GitLab can tell: it is taken for a first start.
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

    /// Commits, and answers what has to be known before fire times are decided: pipelines are still going.
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
