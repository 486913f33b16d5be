/// The problems of one file, up to a limit, with the source they are shown in.
struct Findings {
    let source: SourceText
    private(set) var problems: [Problem] = []
    private var errors = 0
    /// Found at the first problem: most files have none.
    private lazy var secrets = SecretLines(source)

    init(source: SourceText) {
        self.source = source
    }

    /// Whether there are so many errors that the rest of the file is not worth reading. Warnings do not count:
    /// they come from jobs that are good.
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

    /// Whether what stands there may be a secret, and so may not be part of a message.
    mutating func mayBeSecret(at position: Position) -> Bool { secrets.contains(position, of: source) }

    mutating func report(_ error: SyntaxError) {
        let explained = error.explained(in: source)
        report(at: explained.position, explained.message, hint: explained.hint)
    }
}
