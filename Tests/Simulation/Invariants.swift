import Cron
import FakeGitLab
import Ledger
import Scheduling
import Testing

/// What must hold after every simulation, whatever went wrong in it.
struct Invariants {
    let scenario: Scenario
    let rows: [Run]
    let covered: [String: Instant]
    let pipelines: [FakePipeline]

    init(_ scenario: Scenario) throws {
        self.scenario = scenario
        let ledger = try Ledger(path: scenario.ledgerPath, access: .reading)
        rows = try ledger.runs()
        covered = try ledger.load().covered
        pipelines = scenario.gitlab.withModel { $0.pipelines }
    }

    func check() {
        for job in scenario.jobs {
            everyFireTimeHasOneRow(job)
            overlapIsKept(job)
        }
        everyPipelineHasItsRow()
        everyRowHasItsPipeline()
        nothingStaysOpen()
    }

    private func comment(_ words: String) -> Comment { "seed \(scenario.seed): \(words)" }

    /// The rows of a job are its fire times from the beginning to its mark: none missing, none twice, none invented.
    private func everyFireTimeHasOneRow(_ job: Job) {
        var expected: [Instant] = []
        var time = scenario.start
        let end = covered[job.name] ?? scenario.start
        while let next = job.schedule.next(after: time), next <= end {
            expected.append(next)
            time = next
        }
        let found = rows.filter { $0.id.job == job.name }.map(\.id.fireTime).sorted()
        #expect(found == expected, comment("\(job.name): \(job.schedule.expression)"))
        let late = end.duration(to: scenario.gitlab.now)
        let next = job.schedule.next(after: end)?.advanced(by: job.delay)
        #expect(
            next.map { $0 > scenario.gitlab.now.advanced(by: .seconds(-120)) } ?? true,
            comment("\(job.name) is \(late) behind"))
    }

    /// At most one pipeline of a run survives, none is early, and each is the one its row names.
    private func everyPipelineHasItsRow() {
        let byID = Dictionary(uniqueKeysWithValues: rows.map { ($0.id.description, $0) })
        for (runID, twins) in Dictionary(grouping: pipelines, by: { $0.runID ?? "" }) {
            guard let row = byID[runID] else {
                Issue.record(comment("no row for pipeline \(twins[0].id) of \(runID)"))
                continue
            }
            let surviving = twins.filter { $0.status != .canceled && $0.status != .canceling }
            #expect(surviving.count <= 1, comment("\(runID) has \(surviving.map(\.id))"))
            // The answer to the very last request may still be on its way.
            let isUnderWay =
                row.state.isOpen && twins[0].createdAt > scenario.gitlab.now.microseconds - 2_000_000
            #expect(
                isUnderWay || twins.contains { $0.id == row.pipeline?.id },
                comment("\(runID): row names \(String(describing: row))"))
            #expect(
                twins.allSatisfy { $0.createdAt >= row.id.fireTime.microseconds },
                comment("\(runID) is early"))
        }
    }

    private func everyRowHasItsPipeline() {
        let byID = Dictionary(uniqueKeysWithValues: pipelines.map { ($0.id, $0) })
        let retries = Dictionary(uniqueKeysWithValues: scenario.jobs.map { ($0.name, $0.retries) })
        for row in rows {
            guard let id = row.pipeline?.id else { continue }
            #expect(byID[id]?.runID == row.id.description, comment("\(row.id) names pipeline \(id)"))
            let attempts = scenario.gitlab.withModel { $0.jobs(ofPipeline: id).count }
            #expect(attempts <= 1 + (retries[row.id.job] ?? 0), comment("\(row.id) had \(attempts) attempts"))
            if row.state == .succeeded { #expect(byID[id]?.status == .success, comment("\(row)")) }
            if row.state == .failed { #expect(byID[id]?.status == .failed, comment("\(row)")) }
        }
    }

    /// Runs that wait for one another have pipelines that do not overlap.
    private func overlapIsKept(_ job: Job) {
        guard job.overlap == .skip || job.overlap == .queue else { return }
        let own = pipelines.filter { $0.variable("ORCHESTRATE_JOB_NAME") == job.name && $0.canceledBy == nil }
            .sorted { $0.createdAt < $1.createdAt }
        for (earlier, later) in zip(own, own.dropFirst()) {
            let end = earlier.finishedAt ?? .max
            #expect(
                end <= later.createdAt,
                comment("\(job.name): \(earlier.runID ?? "") and \(later.runID ?? "") overlap"))
        }
    }

    /// Whether the run may be waiting for an earlier one of its job.
    private func waitsForEarlier(_ row: Run) -> Bool {
        row.pipeline == nil && rows.contains { $0.id.job == row.id.job && $0.id < row.id && $0.state.isOpen }
    }

    /// After the quiet end of a scenario, only what began just now is open.
    private func nothingStaysOpen() {
        // Three attempts of an hour each, and the waits between them.
        let old = scenario.gitlab.now.advanced(by: .seconds(-5 * 3_600))
        for row in rows where row.state.isOpen && row.id.fireTime < old && !waitsForEarlier(row) {
            let since = row.triggeredAt ?? row.claimedAt ?? .distantPast
            #expect(since >= old, comment("\(row) is still open"))
        }
        #expect(!rows.contains { $0.state == .lost }, comment("a run was lost"))
    }
}
