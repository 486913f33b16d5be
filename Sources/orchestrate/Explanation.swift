import CivilTime
import Ledger
import Scheduling
import Text

/// Says in plain English what became of a fire time.
struct Explanation {
    let name: String
    let zone: Zone
    let now: Instant
    /// How much later than its fire time the job is due.
    var jitter = Duration.zero

    func sentence(on finding: Finding) -> String {
        switch finding {
        case .run(let history): "\(subject(history.run.id.fireTime)) \(outcome(of: history.run))".withPeriod
        case .coming(let fireTime, let job):
            "\(subject(fireTime)) is still to come, \(prospect(fireTime, of: job))."
        case .nothing(nil, let reason): "\(name) \(words(for: reason))."
        case .nothing(let instant?, let reason): "\(subject(instant)) \(words(for: reason))."
        }
    }

    /// `nightly at 2026-03-08T07:00:00Z (Sun 2026-03-08 03:00 -04:00 America/New_York)`.
    private func subject(_ instant: Instant) -> String {
        "\(name) at \(instant.rfc3339)" + (zone == .utc ? "" : " (\(instant.local(in: zone)))")
    }

    private func prospect(_ fireTime: Instant, of job: Job) -> String {
        let when = fireTime.relative(to: now)
        guard job.isEnabled else { return "\(when), and will be skipped: the job is not enabled" }
        return when + (job.delay > .zero ? ", and due \(job.delay.rough) later by the job's jitter" : "")
    }

    private func outcome(of run: Run) -> String {
        let because = run.reason.map { ": \($0)" } ?? ""
        let aside = run.reason.map { " (\($0))" } ?? ""
        switch run.state {
        case .claimed: return "is recorded and waits to be triggered\(waiting(run))\(because)"
        case .uncertain: return "may or may not have a pipeline, and the scheduler asks GitLab\(because)"
        case .triggered: return "is running\(aside): \(pipeline(run))"
        case .retrying: return "failed and is being retried\(aside): \(pipeline(run))"
        case .blocked: return "waits for a person to start a manual CI job: \(pipeline(run))"
        case .succeeded: return "succeeded: \(pipeline(run))"
        case .failed:
            // Most reasons already say that the run failed.
            let isSaid = run.reason?.hasPrefix("failed") ?? false
            return isSaid ? "\(run.reason ?? ""): \(pipeline(run))" : "failed\(aside): \(pipeline(run))"
        case .canceled: return "was canceled\(aside): \(pipeline(run))"
        case .skipped where run.pipeline != nil: return "was skipped by GitLab\(aside): \(pipeline(run))"
        case .skipped: return "did not run, it was skipped\(because)"
        case .refused: return "was refused by GitLab\(because)"
        case .lost: return "is lost\(because)"
        }
    }

    private func waiting(_ run: Run) -> String {
        guard let notBefore = run.notBefore, notBefore > now else { return "" }
        return ", not before \(notBefore.rfc3339)"
    }

    /// `pipeline 4711 was created 0.4 s after its fire time, took 5 min and 2 attempts`.
    private func pipeline(_ run: Run) -> String {
        guard let pipeline = run.pipeline else { return "no pipeline was created" }
        var parts = ["pipeline \(pipeline.id) was created"]
        if let lateness = run.lateness {
            parts[0] +=
                lateness < .zero ? " before its fire time" : " \(lateness.rough) after its fire time"
            if jitter > .zero, lateness >= jitter { parts[0] += ", \(jitter.rough) of it the job's jitter," }
        }
        if let length = run.length { parts.append("took \(length.rough)") }
        if run.attempts > 1 { parts.append("needed \(run.attempts) attempts") }
        let head = parts.dropLast().joined(separator: ", ")
        return [head, parts.last ?? ""].filter { !$0.isEmpty }.joined(separator: " and ")
    }

    private func words(for reason: NothingReason) -> String {
        switch reason {
        case .noRunYet(let next):
            return "has no run yet" + (next.map { "; the next fire time is \($0.rfc3339)" } ?? "")
        case .notDeclared:
            return "is not known: the job is not declared any more, and the ledger has no such run"
        case .notAFireTime(let expression, let before, let after):
            let near = [
                before.map { "the one before is \($0.rfc3339)" },
                after.map { "the one after is \($0.rfc3339)" },
            ]
            let list = near.compactMap(\.self).joined(separator: ", ")
            return "is not a fire time of its schedule, \(expression) in \(zone): \(list)"
        case .leftOut(let effect): return "did not run, as the job's dst says: \(effect.words)"
        case .noLedger(let path):
            return "has no run: there is no ledger \(path) yet, `orchestrate run` creates it"
        case .notReached(let covered):
            return
                "has no run yet: the ledger accounts for its fire times up to \(covered.rfc3339) only, and a scheduler "
                + "decides on the others as soon as it runs"
        case .neverSeen: return "has no run: no scheduler has seen this job yet"
        case .scheduleDiffered:
            return "has no run: at that time the job was not declared, or had another schedule"
        case .beforeRecords:
            return "has no run: it was before the scheduler knew the job, or longer ago than runs are kept "
                + "(90 days, unless `run --keep` says otherwise)"
        }
    }

    /// The fire times of a day, a line each.
    func table(of findings: [Finding]) -> Table {
        var table = Table("FIRE TIME", .left("LOCAL TIME", 1), "STATE", .shortened("WHAT BECAME OF IT"))
        let lines = findings.map { line(on: $0) }
        var rest = lines[...]
        while let first = rest.popFirst() {
            // Neighboring fire times that have no row for the same reason share a line.
            let same = rest.prefix { $0.state == nil && first.state == nil && $0.kind == first.kind }
            rest = rest.dropFirst(same.count)
            let more = same.last.map { " (and \(same.count) more, to \($0.fireTime?.rfc3339 ?? ""))" } ?? ""
            table.add(
                .init(first.fireTime?.rfc3339 ?? ""), .init(first.fireTime?.local(in: zone) ?? ""),
                .init(first.state?.rawValue ?? "-", first.state?.style ?? .plain), .init(first.words + more))
        }
        return table
    }

    /// `kind` is equal for fire times that share a line.
    private func line(
        on finding: Finding
    ) -> (fireTime: Instant?, state: RunState?, words: String, kind: String) {
        switch finding {
        case .run(let history):
            let run = history.run
            let words = [run.reason, run.pipeline?.url].compactMap(\.self).joined(separator: "; ")
            return (run.id.fireTime, run.state, words, words)
        case .coming(let fireTime, let job):
            return (fireTime, nil, "is still to come, \(prospect(fireTime, of: job))", "coming")
        case .nothing(let fireTime, let reason):
            return (fireTime, nil, words(for: reason), words(for: reason))
        }
    }

    func timeline(of history: RunHistory) -> Table {
        var table = Table("WHEN", .left("AFTER", 1), "STATE", .shortened("REASON"))
        for transition in history.transitions {
            let after = history.run.id.fireTime.duration(to: transition.at)
            table.add(
                .init(transition.at.rfc3339), .init(after.rough),
                .init(transition.state.rawValue, transition.state.style), .init(transition.reason ?? ""))
        }
        return table
    }

    func json(of finding: Finding) -> JSONValue {
        var fireTime: Instant?
        var history: RunHistory?
        switch finding {
        case .run(let found): (fireTime, history) = (found.run.id.fireTime, found)
        case .coming(let instant, _): fireTime = instant
        case .nothing(let instant, _): fireTime = instant
        }
        let transitions = history?.transitions.map { transition in
            JSONValue.object([
                ("at", .string(transition.at.rfc3339)), ("state", .string(transition.state.rawValue)),
                ("reason", JSONValue(transition.reason)),
            ])
        }
        return .object([
            ("job", .string(name)),
            ("fire_time", JSONValue(fireTime?.rfc3339)),
            ("local_time", JSONValue(fireTime?.rfc3339(in: zone))),
            ("explanation", .string(sentence(on: finding))),
            ("run", history?.run.json ?? .null),
            ("transitions", .array(transitions ?? [])),
        ])
    }
}

extension String {
    /// The text as a sentence, with one period at its end.
    fileprivate var withPeriod: String { hasSuffix(".") ? self : self + "." }
}
