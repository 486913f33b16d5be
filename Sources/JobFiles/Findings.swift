/// The problems of one file, up to a limit, and its source.
struct Findings {
    let source: SourceText
    private(set) var problems: [Problem] = []
    private var errors = 0
    /// Lazy: most files have no problem and do not need it.
    private lazy var secrets = SecretLines(source)

    init(source: SourceText) {
        self.source = source
    }

    /// Whether the file has so many errors that the reader skips the rest. Warnings do not count, because they concern
    /// good jobs.
    var isFull: Bool { errors >= Limits.problemsPerFile }

    mutating func report(
        at position: Position, _ message: String, hint: String? = nil, severity: Problem.Severity = .error
    ) {
        guard !isFull else { return }
        problems.append(
            source.problem(at: position, message, hint: hint, severity: severity, hiding: secrets))
        if severity == .error { errors += 1 }
        guard isFull else { return }
        problems.append(
            Problem(
                Place(file: source.file),
                "too many problems; what comes after the first \(errors) is not read"))
    }

    /// Whether the text at this position may be a secret, so that no message may quote it.
    mutating func mayBeSecret(at position: Position) -> Bool { secrets.contains(position, of: source) }

    mutating func report(_ error: SyntaxError) {
        let explained = error.explained(in: source)
        report(at: explained.position, explained.message, hint: explained.hint)
    }
}
