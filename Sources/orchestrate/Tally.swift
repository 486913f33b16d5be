import JobFiles

/// How many problems there are in how many files: `2 problems in 1 file`.
func tally(of problems: [Problem]) -> String {
    let errors = problems.count { $0.severity == .error }
    let warnings = problems.count - errors
    let parts = [
        errors > 0 ? count(errors, "problem") : nil, warnings > 0 ? count(warnings, "warning") : nil,
    ]
    let files = Set(problems.map(\.place.file)).count
    let found = parts.compactMap(\.self).joined(separator: " and ")
    return found.isEmpty ? "no problems" : "\(found) in \(count(files, "file"))"
}

/// `1 job`, `2 jobs`.
func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
}
