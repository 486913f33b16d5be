import CivilTime
import FakeGitLab
import Ledger
import Scheduling

/// The invariants of every simulation, whatever went wrong in it.
struct Invariants {
    private final class Problems { var words: [String] = [] }

    let simulation: Simulation
    let scenario: Scenario
    private let now: Instant
    /// The last instance's time, at least: it may not have believed a step forward of its clock.
    private let clock: Instant
    private let rows: [Run]
    let rowOf: [String: Run]
    /// When an instance saw the end of a run, which is later than the end itself.
    let seenEnds: [RunID: Instant]
    /// When an instance learned the pipeline of a run.
    let seenPipelines: [RunID: Instant]
    let rowsOfJob: [String: [Run]]
    private let covered: [String: Instant]
    let pipelines: [FakePipeline]
    /// From when on each job's fire times must have rows.
    private let knownSince: [String: Instant]
    private let problems = Problems()

    init(_ simulation: Simulation) throws {
        self.simulation = simulation
        scenario = simulation.scenario
        now = simulation.now
        let machine = simulation.newest?.machine
        let doubt = machine.map { $0.wasSetBy > .seconds(60) ? $0.wasSetBy : .zero } ?? .zero
        clock = (machine?.clock ?? now).advanced(by: .zero - doubt)
        let path = try simulation.lastLedger()
        let ledger = try Ledger(path: path, access: .reading)
        rows = try ledger.runs()
        covered = try ledger.load().covered
        let spans = try ledger.fireTimes(from: .distantPast, until: .distantFuture).skips.values.joined()
        simulation.record.sharedRows = spans.count
        simulation.record.sharedSkips = spans.reduce(0) { $0 + $1.count }
        var ends: [RunID: Instant] = [:]
        var starts: [RunID: Instant] = [:]
        for row in rows where row.pipeline != nil {
            guard let transitions = try ledger.run(row.id)?.transitions else { continue }
            starts[row.id] = transitions.first { $0.state == .triggered }?.at
            if transitions.first?.state == .skipped { simulation.record.correctedSkips += 1 }
            if !row.state.isOpen { ends[row.id] = transitions.last?.at }
        }
        (seenEnds, seenPipelines) = (ends, starts)
        rowOf = Dictionary(uniqueKeysWithValues: rows.map { ($0.id.description, $0) })
        rowsOfJob = Dictionary(grouping: rows, by: \.id.job)
        // Child pipelines, and pipelines of a push, belong to no run.
        pipelines = simulation.gitlab.pipelines.filter { $0.runID != nil }
        knownSince = Dictionary(
            uniqueKeysWithValues: try simulation.scenario.jobs.map {
                ($0.name, try simulation.knownSince($0))
            })
    }

    /// Describes every broken invariant.
    static func broken(in simulation: Simulation) throws -> [String] {
        let invariants = try Invariants(simulation)
        for job in invariants.scenario.jobs {
            invariants.everyFireTimeHasOneRow(job)
            invariants.everySkipHasItsReason(job)
            invariants.overlapIsKept(job)
        }
        invariants.everyPipelineHasItsRow()
        invariants.everyRowHasItsPipeline()
        invariants.nothingStaysOpen()
        invariants.olderInstancesEnded()
        invariants.handoversAreQuick()
        invariants.nothingIsToldThatDidNotHappen()
        try invariants.everyFailureIsTold()
        return simulation.record.problems + invariants.problems.words
    }

    func expect(_ holds: Bool, _ words: @autoclosure () -> String) {
        if !holds { problems.words.append(words()) }
    }

    /// The rows of a job are its fire times from the beginning to its mark: none missing, none twice, none invented.
    private func everyFireTimeHasOneRow(_ job: Job) {
        guard let begin = knownSince[job.name], let end = covered[job.name] else {
            return expect(false, "\(job.name) has no mark")
        }
        let expected = job.schedule.all(after: begin, through: end)
        // A run that came too early, by a clock that was set back later, keeps its row.
        let own = rowsOfJob[job.name, default: []].filter { row in
            let hasRun = row.sentAt != nil || row.pipeline != nil
            return !simulation.record.forged.contains("\(row.id)") && (row.id.fireTime <= end || !hasRun)
        }
        let found = own.map(\.id.fireTime).filter { $0 > begin }.sorted()
        let missing = Set(expected).subtracting(found).sorted()
        let invented = Set(found).subtracting(expected).sorted()
        expect(missing.isEmpty, "\(job.name) lacks \(missing.count) rows, the first of \(missing[0].rfc3339)")
        expect(invented.isEmpty, "\(job.name) has rows that are no fire times: \(invented[0].rfc3339)")
        let next = job.schedule.next(after: end)?.advanced(by: job.delay)
        expect(
            next.map { $0 > clock.advanced(by: .seconds(-130)) } ?? true,
            "\(job.name) is \(end.duration(to: clock).rough) behind")
    }

    /// At most one pipeline of a run survives, and the run's row names it.
    private func everyPipelineHasItsRow() {
        for (runID, twins) in Dictionary(grouping: pipelines, by: { $0.runID ?? "" }) where !hadRival(runID) {
            // No scheduler could cancel a twin that came so late and ended so soon.
            let surviving = twins.filter { twin in
                twin.status != .canceled && twin.status != .canceling && !isBlockedTwin(twin, of: twins)
                    && !(twins.count > 1 && simulation.record.belated.contains(twin.id)
                        && twin.isOver(within: 35_000_000 + scenario.gitlab.readLag))
            }
            // A run id may be forged twice. If no ledger can hold it, no scheduler cancels its pipelines.
            let isNone = simulation.record.forged.contains(runID) && RunID(runID) == nil
            expect(surviving.count <= 1 || isNone, "\(runID) has the pipelines \(surviving.map(\.id))")
            // The answer to the last request may still be under way.
            let isNew = twins.contains { $0.createdAt > now.microseconds - 2_000_000 }
            guard let row = rowOf[runID] else {
                let isOurs = !simulation.record.forged.contains(runID)
                expect(
                    isNew || isTooOld(runID) || !isOurs || isClosed,
                    "pipeline \(twins[0].id) of \(runID) has no row")
                continue
            }
            let isUnderWay = row.state.isOpen && isNew || mayStayInDoubt(row)
            let isOwn = twins.contains { $0.id == row.pipeline?.id }
            expect(isOwn || isUnderWay, "\(runID) has pipeline \(twins[0].id), its row says \(row.words)")
        }
    }

    /// Whether another scheduler may also have begun it. A run that ends before the next list has run twice, and so has
    /// a run that both schedulers caught up.
    private func hadRival(_ runID: String) -> Bool {
        guard !simulation.record.rivals.isEmpty, let id = RunID(runID) else { return false }
        let own = pipelines.filter { $0.runID == runID }
        return simulation.record.hadRival(at: id.fireTime)
            || own.contains { pipeline in
                simulation.record.rivals.contains {
                    // A pipeline of its last POSTs may come later.
                    pipeline.createdAt <= $0.end.advanced(by: .seconds(180)).microseconds
                        && pipeline.finishedAt ?? .max >= $0.begin.microseconds
                }
            }
    }

    /// Whether the run is too old for the last ledger, which began empty.
    private func isTooOld(_ runID: String) -> Bool {
        guard let run = RunID(runID), let begin = knownSince[run.job] else { return false }
        return run.fireTime <= begin
    }

    private func everyRowHasItsPipeline() {
        let byID = Dictionary(uniqueKeysWithValues: pipelines.map { ($0.id, $0) })
        let retries = Dictionary(uniqueKeysWithValues: scenario.jobs.map { ($0.name, $0.retries) })
        for row in rows {
            guard let id = row.pipeline?.id else {
                let isWithout: Set<RunState> = [.claimed, .uncertain, .skipped, .refused]
                expect(
                    isWithout.contains(row.state) || mayStayInDoubt(row),
                    "\(row.id) is \(row.state) without a pipeline")
                continue
            }
            expect(byID[id]?.runID == row.id.description, "\(row.id) names pipeline \(id) of another run")
            // Two schedulers that watch one pipeline may judge it differently.
            guard !hadRival(row.id.description) else { continue }
            let attempts = attempts(ofPipeline: id)
            expect(attempts <= 1 + (retries[row.id.job] ?? 0), "\(row.id) had \(attempts) attempts")
            // Another instance has retried it, and the ledger that knows this is lost.
            guard !wasRetried(id, after: row.finishedAt) else { continue }
            let status = byID[id]?.status
            if row.state == .succeeded {
                expect(status == .success, "\(row.words), and GitLab says \(status?.rawValue ?? "")")
            }
            if row.state == .failed {
                expect(status == .failed, "\(row.words), and GitLab says \(status?.rawValue ?? "")")
            }
        }
    }

    /// The pipelines of runs that wait for one another do not overlap.
    private func overlapIsKept(_ job: Job) {
        guard job.overlap == .skip || job.overlap == .queue else { return }
        // If its replica lags, a newer instance learns too late of the older one's last pipelines.
        guard !isClosed, scenario.mode == .alone || scenario.gitlab.readLag == 0 else { return }
        let own = pipelines.filter { $0.variable("ORCHESTRATE_JOB_NAME") == job.name && $0.canceledBy == nil }
            // A pipeline that waits for a person does not block other runs.
            .filter { pipeline in !pipeline.history.contains { $0.status == .manual } }
            .sorted { $0.createdAt < $1.createdAt }
        for (earlier, later) in zip(own, own.dropFirst()) where !isUnforeseen(earlier, later) {
            let end = earlier.finishedAt ?? .max
            expect(
                end <= later.createdAt,
                "\(job.name): \(earlier.runID ?? "") and \(later.runID ?? "") overlap")
        }
    }

    /// GitLab still handled the request of one process, whose answer was lost, when the other process posted.
    private func isUnforeseen(_ one: FakePipeline, _ other: FakePipeline) -> Bool {
        guard one.runID != other.runID else { return true }
        if hadRival(one.runID ?? "") || hadRival(other.runID ?? "") { return true }
        let belated = [one, other].filter { simulation.record.belated.contains($0.id) }
        let isBelated = !belated.isEmpty
        let isTwin = belated.contains { late in
            pipelines.contains { $0.runID == late.runID && $0.id != late.id }
        }
        let posters = Set([one, other].map(\.poster))
        return isTwin || isBelated && (posters.count > 1 || scenario.losses == .sometimes)
    }

    /// Whether the run may be waiting for other runs of its job: one is running, or has just ended.
    private func waitsForOthers(_ row: Run, since old: Instant) -> Bool {
        row.pipeline == nil
            && rowsOfJob[row.id.job, default: []].contains { other in
                other.pipeline != nil && (other.state.isOpen || (other.finishedAt ?? .distantPast) > old)
            }
    }

    /// After the quiet end of a scenario, only runs that have just begun are open.
    private func nothingStaysOpen() {
        let old = clock.advanced(by: scenario.quiet * -1)
        for row in rows
        where row.state.isOpen && row.id.fireTime < old && !waitsForOthers(row, since: old)
            && !waitsForAPerson(row) && !mayStayInDoubt(row)
        {
            let since = row.triggeredAt ?? row.claimedAt ?? .distantPast
            expect(since >= old, "\(row.words) is still open")
        }
        for row in rows where row.state == .lost || row.state == .refused {
            expect(mayStayInDoubt(row) || isRightlyRefused(row), "\(row.words): \(row.reason ?? "")")
        }
    }

    /// If nothing goes wrong, fire times around a handover are late only by the newer instance's start.
    private func handoversAreQuick() {
        guard scenario.kind.isCalm else { return }
        for lateness in simulation.lateness() {
            // A newer instance waits for its margin and reads from GitLab what the ledger lacks. With a resource group,
            // a runner must first fetch the code and the cache.
            let slow = scenario.kind == .calm ? 55 : 130
            let most = Duration.seconds(scenario.usesResourceGroup ? slow : 20)
            expect(lateness.late < most, "\(lateness.run) was \(lateness.late.rough) late in a handover")
        }
    }

    private func olderInstancesEnded() {
        guard scenario.mode == .fleet else { return }
        let running = simulation.lives.filter { $0.state == .running }
        expect(!running.isEmpty, "no instance is left")
        for life in running.dropLast() {
            problems.words.append("\(simulation.name(of: life)) is still there beside a newer one")
        }
    }
}

extension Run {
    fileprivate var words: String { "\(id) \(state.rawValue)\(pipeline.map { " pipeline \($0.id)" } ?? "")" }
}

extension FakePipeline {
    /// Whether it ended in less time than lies between two looks for twins, in microseconds.
    fileprivate func isOver(within longest: Int64) -> Bool {
        finishedAt.map { $0 - createdAt < longest } ?? false
    }
}
