import CivilTime
import Scheduling

/// Each skip has its reason, and the reason holds.
extension Invariants {
    /// Whether a newer fire time of the job was due when the row was written.
    private func isSuperseded(_ row: Run, by others: [Run], _ job: Job) -> Bool {
        let at = row.finishedAt ?? .distantPast
        return others.contains { $0.id > row.id && $0.id.fireTime.advanced(by: job.delay) <= at }
    }

    func everySkipHasItsReason(_ job: Job) {
        let own = rowsOfJob[job.name, default: []].sorted { $0.id < $1.id }
        for row in own where row.state == .skipped && row.pipeline == nil {
            let at = row.finishedAt ?? .distantPast
            let reason = row.reason ?? ""
            let late = row.id.fireTime.advanced(by: job.delay).duration(to: at)
            if reason.hasPrefix("paused") {
                expect(!job.isEnabled, "\(row.id) was paused, and its job is enabled")
            } else if reason.hasPrefix("misfire") {
                expect(
                    job.misfireGrace.map { late > $0 } ?? false,
                    "\(row.id) was \(late.rough) late: \(reason)")
            } else if reason.hasPrefix("missed") {
                expect(
                    job.catchUp == .none && (late > .seconds(30) || isSuperseded(row, by: own, job)),
                    "\(row.id) was \(late.rough) late: \(reason)")
            } else if reason.hasPrefix("superseded") {
                expect(
                    isSuperseded(row, by: own, job) && (job.catchUp == .latest || job.overlap == .cancel),
                    "\(row.id) was superseded by nothing")
            } else if reason.hasPrefix("unrecorded") {
                let mayLack = scenario.mode == .fleet || scenario.losses == .sometimes
                expect(mayLack, "\(row.id) was not recorded, and the ledger was never lost")
            } else if reason.hasPrefix("overlap: gave way") {
                expect(job.overlap == .cancel, "\(row.id) gave way, which its job does not: \(reason)")
            } else if reason.hasPrefix("overlap") {
                expect(isOverlapped(row, at: at, own), "\(row.id) had nothing to overlap with: \(reason)")
            } else {
                expect(false, "\(row.id) was skipped: \(reason)")
            }
        }
        let ours = own.filter { !simulation.record.forged.contains("\($0.id)") }
        expect(
            job.isEnabled || ours.allSatisfy { $0.state == .skipped }, "\(job.name) is paused and has run")
    }

    private func isOverlapped(_ skipped: Run, at instant: Instant, _ own: [Run]) -> Bool {
        // The clocks of two instances may differ a little, and a clock that was set differs by its steps.
        let slack = simulation.lives.reduce(.seconds(5)) { max($0, $1.machine.wasSetBy + .seconds(5)) }
        return own.contains { other in
            guard other.id != skipped.id, other.state != .skipped || other.claimedAt != nil else {
                return false
            }
            let begin = other.claimedAt ?? other.triggeredAt ?? other.id.fireTime
            // When this instance saw its end, which is later than the end itself.
            let end = seenEnds[other.id] ?? other.finishedAt ?? .distantFuture
            return begin <= instant.advanced(by: slack) && instant <= end.advanced(by: slack)
        }
    }
}
