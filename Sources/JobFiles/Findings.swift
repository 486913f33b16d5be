/// The problems of one file, at most so many, with the source they are shown in.
struct Findings {
    let source: SourceText
    private(set) var problems: [Problem] = []

    init(source: SourceText) {
        self.source = source
    }

    /// Whether there are so many problems that the rest of the file is not worth reading.
    var isFull: Bool { problems.count >= Limits.problemsPerFile }

    mutating func report(
        at position: Position, _ message: String, hint: String? = nil, severity: Problem.Severity = .error
    ) {
        guard !isFull else { return }
        problems.append(source.problem(at: position, message, hint: hint, severity: severity))
        guard isFull else { return }
        problems.append(
            Problem(
                Place(file: source.file),
                "too many problems; what comes after the first \(problems.count) is not read"))
    }

    mutating func report(_ error: SyntaxError) {
        let explained = error.explained(in: source)
        report(at: explained.position, explained.message, hint: explained.hint)
    }
}
