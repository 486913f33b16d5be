import CivilTime
import Cron
import Scheduling

/// Reads `dst`: `{gap: run-after | skip, overlap: first | second | both}`.
extension JobReader {
    mutating func shifts(_ pair: Pair) -> ShiftRule {
        var rule = ShiftRule()
        for entry in entries(pair, hint: "dst: {gap: run-after, overlap: first}") {
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
}
