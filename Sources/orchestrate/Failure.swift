import ArgumentParser
import Glibc
import JobFiles
import Ledger
import Orchestrator

/// A reason for a command to end early: what is wrong, what to try, and the exit code.
struct Refusal: Error {
    var message: String
    var hint: String?
    var code = EXIT_FAILURE
}

/// The text and the exit code of a command that ends early.
struct Failure {
    /// Bad configuration: `EX_CONFIG` of sysexits.h.
    static let badConfiguration: Int32 = 78

    var text: String
    var code: Int32
    var stream = STDERR_FILENO

    init(_ error: any Error) {
        switch error {
        case let error as Refusal: self.init(error.message, hint: error.hint, code: error.code)
        case let error as ConfigurationError: self.init(error)
        case let error as JobFileProblems: self.init(error.problems)
        case let error as LedgerError:
            self.init("\(error.path): \(error.message)", hint: error.hint, code: EXIT_FAILURE)
        default: self.init(ofParser: error)
        }
    }

    private init(_ message: String, hint: String?, code: Int32) {
        text = "orchestrate: \(message)" + (hint.map { "\n  try: \($0)" } ?? "")
        self.code = code
    }

    private init(_ error: ConfigurationError) {
        let lines =
            error.problems.map { "orchestrate: \($0)" } + ["  try: `orchestrate env` shows all variables"]
        text = lines.joined(separator: "\n")
        code = Self.badConfiguration
    }

    private init(_ problems: [Problem]) {
        let errors = problems.filter { $0.severity == .error }
        let number = count(errors.count, "problem")
        text = errors.map { "\($0)\n" }.joined() + "orchestrate: the job files cannot be used: \(number)"
        code = Self.badConfiguration
    }

    /// Wrong usage. Or no failure at all: the parser ends `--help` and `--version` like this, too.
    private init(ofParser error: any Error) {
        let message = Orchestrate.fullMessage(for: error)
        let prefix = "Error: "
        text = message.hasPrefix(prefix) ? "orchestrate: " + message.dropFirst(prefix.count) : message
        code = Orchestrate.exitCode(for: error).rawValue
        if code == EXIT_SUCCESS { stream = STDOUT_FILENO }
    }
}
