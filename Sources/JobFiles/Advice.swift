import CivilTime
import Cron
import Scheduling

/// Warns of what is allowed in a job but probably a mistake.
extension JobReader {
    /// `check` warns of shifts of the clock up to this far ahead.
    private static let outlook = Duration.seconds(366 * 86_400)

    mutating func advise(on job: Job, declaredBy pair: Pair, dst: Position?, at now: Instant) {
        guard case .scalar(let scalar) = pair.value.content else { return }
        for advice in CronExpression.advice(on: scalar.text) {
            report(
                "\(advice.field) field: \(advice.message)", hint: advice.hint, at: advice.column, of: pair,
                in: scalar, severity: .warning)
        }
        if let dst, job.schedule.expression.isInterval {
            findings.report(
                at: dst, "'dst' has no effect: '@every' does not follow the wall clock", severity: .warning)
        }
        for effect in job.schedule.shiftEffects(after: now, until: now.advanced(by: Self.outlook)) {
            // An author who has set `dst` knows about the shift.
            let isChosen =
                effect.kind == .gap ? job.schedule.shifts.gap != nil : job.schedule.shifts.overlap != nil
            guard !isChosen else { continue }
            let hint =
                effect.kind == .gap
                ? "dst: {gap: skip} or {gap: run-after}" : "dst: {overlap: first}, second or both"
            findings.report(
                at: pair.value.start, effect.words, hint: "another time, or \(hint) to choose",
                severity: .warning)
        }
    }
}
