import ArgumentParser
import Glibc
import Orchestrator
import Text

/// `orchestrate env`: the environment variables and their values.
struct EnvCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "env",
        abstract: "List the environment variables: required, optional, present or missing.",
        discussion: """
            Secrets are never shown, only that they are set. The last lines say whether `orchestrate run` could \
            start with this environment; the exit code is 0 all the same.
            """)

    @OptionGroup var jobs: JobsOptions
    @OptionGroup var format: JSONOptions
    @OptionGroup(visibility: .hidden) var ledger: LedgerOptions
    @OptionGroup(visibility: .hidden) var logging: LogOptions

    func run() throws {
        let environment = Environment.current
        let variables = EnvironmentVariable.all + EnvironmentVariable.channels(in: environment)
        let entries = variables.map { Entry($0, in: environment) }
        guard !format.json else { return Output.json(.array(entries.map(\.json))) }
        Output.line(Self.text(of: entries, .of(STDOUT_FILENO), width: Output.width))
        Output.line("\n" + verdict(on: environment))
        for warning in environment.warnings { Output.line("warning: \(warning.printable())") }
    }

    /// A line for each variable. If the terminal is too narrow, the meaning stands below it.
    private static func text(of entries: [Entry], _ palette: Palette, width: Int?) -> String {
        var table = Table("VARIABLE", "NEED", "STATE", "VALUE", "MEANING")
        for entry in entries { table.add(entry.cells + [.init(entry.variable.meaning)]) }
        guard let width, table.width > width else { return table.text(palette, width: nil) }
        var narrow = Table("VARIABLE", "NEED", "STATE", .shortened("VALUE"))
        for entry in entries { narrow.add(entry.cells) }
        let lines = narrow.text(palette, width: width).split(separator: "\n")
        let meanings = entries.map { "\n    \($0.variable.meaning)" }
        return zip(lines, [""] + meanings).map { $0 + $1 }.joined(separator: "\n")
    }

    private func verdict(on environment: Environment) -> String {
        do throws(ConfigurationError) {
            _ = try Configuration(
                environment, flags: .init(jobs: jobs.jobs, ledger: ledger.db), for: .schedule)
            return "`orchestrate run` has all it needs."
        } catch {
            let problems = error.problems.map { "  \($0.printable())" }
            return (["`orchestrate run` would not start:"] + problems).joined(separator: "\n")
        }
    }
}

/// A variable and its state in the environment.
private struct Entry {
    enum State: String {
        case set
        /// Blank, outside CI, and without a default, while CI jobs require it. `run` takes it as absent.
        case empty
        /// Absent or blank; the default holds.
        case fallback = "default"
        /// Absent or blank, and not needed.
        case unset
        /// Required here, and absent or blank.
        case missing

        var style: Style {
            switch self {
            case .set, .empty: .green
            case .fallback, .unset: .faint
            case .missing: .red
            }
        }
    }

    let variable: EnvironmentVariable
    let state: State
    /// The value as `env` may show it; nil if there is none.
    let value: String?
    /// Whether `run` needs it in this environment. A CI job needs more than a process elsewhere.
    let need: String

    init(_ variable: EnvironmentVariable, in environment: Environment) {
        self.variable = variable
        let text = environment[variable]
        let isRequired = environment.requires(variable)
        need = isRequired ? "required" : "optional"
        if text != nil {
            state = .set
        } else if isRequired {
            state = environment.provides(variable) ? .unset : .missing
        } else if variable.fallback != nil {
            state = .fallback
        } else {
            state = environment.has(variable) && variable.need == .requiredInCI ? .empty : .unset
        }
        value = (text ?? (state == .fallback ? variable.fallback : nil)).map(variable.shown)
    }

    var cells: [Table.Cell] {
        [.init(variable.name), .init(need), .init(state.rawValue, state.style), .init(value ?? "")]
    }

    var json: JSONValue {
        .object([
            ("name", .string(variable.name)),
            ("need", .string(need)),
            ("state", .string(state.rawValue)),
            ("value", variable.isSecret ? .null : JSONValue(value)),
            ("default", JSONValue(variable.fallback)),
            ("secret", .bool(variable.isSecret)),
            ("meaning", .string(variable.meaning)),
        ])
    }
}
