import CivilTime
import Cron
import Scheduling

/// Reading `dst`: `{gap: run-after | skip, overlap: first | second | both}`.
extension JobReader {
    mutating func shifts(_ pair: Pair) -> ShiftRule {
        var rule = ShiftRule()
        guard case .map(let entries) = pair.value.content else {
            reportNoShifts(pair)
            return rule
        }
        for entry in entries {
            switch entry.key {
            case "gap": rule.gap = choice(entry)
            case "overlap": rule.overlap = choice(entry)
            default:
                findings.report(
                    at: entry.place, "unknown key \(entry.key.quoted) in 'dst'",
                    hint: entry.key.nearest(among: ["gap", "overlap"]) ?? "one of gap, overlap")
            }
        }
        return rule
    }

    private mutating func reportNoShifts(_ pair: Pair) {
        if case .refused = pair.value.content { return }
        if case .scalar = pair.value.content, scalar(pair) == nil { return }
        findings.report(
            at: pair.value.start, "'dst' must be a map", hint: "dst: {gap: run-after, overlap: first}")
    }
}
