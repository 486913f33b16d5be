import ArgumentParser
import Glibc
import Orchestrator
import Text

/// `orchestrate env`: the environment variables, and what they say.
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
        let entries = EnvironmentVariable.all.map { Entry($0, in: environment) }
        guard !format.json else { return Output.json(.array(entries.map(\.json))) }
        var table = Table("VARIABLE", "NEED", "STATE", "VALUE", "MEANING")
        for entry in entries {
            table.add(
                .init(entry.variable.name), .init(entry.need), .init(entry.state.rawValue, entry.state.style),
                .init(entry.value ?? ""), .init(entry.variable.meaning))
        }
        Output.line(table.text(.of(STDOUT_FILENO)))
        Output.line("\n" + verdict(on: environment))
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

/// A variable and what the environment says about it.
private struct Entry {
    enum State: String {
        case set
        /// There, and blank, which is enough for this variable.
        case empty
        /// Not there; the default holds.
        case fallback = "default"
        /// Not there, and not needed.
        case unset
        /// Required, and not there or blank.
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
    /// What may be shown; nil where there is nothing to show.
    let value: String?

    init(_ variable: EnvironmentVariable, in environment: Environment) {
        self.variable = variable
        let text = environment[variable]
        if text != nil {
            state = .set
        } else if !environment.satisfies(variable) {
            state = .missing
        } else if environment.has(variable), variable.need == .requiredMayBeEmpty {
            state = .empty
        } else {
            state = variable.fallback == nil ? .unset : .fallback
        }
        value = (text ?? variable.fallback).map(variable.shown)
    }

    var need: String { variable.need == .optional ? "optional" : "required" }

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

extension EnvironmentVariable {
    /// A value as it may be shown: URLs without user, password and query, as all of them may be secret. Of what is no
    /// good URL, nothing is known to be no secret.
    fileprivate func shown(_ value: String) -> String {
        guard !isSecret, !mayBeSecret(value) else { return "(hidden)" }
        let scheme = value.scheme
        let rest = value.dropFirst(scheme.count)
        let hasLogin = rest.contains("@") && rest.prefix { $0 != "@" }.contains(":")
        guard !scheme.isEmpty || isAddress || hasLogin else { return value }
        let address = rest.prefix { $0 != "?" && $0 != "#" }
        let query = rest.dropFirst(address.count)
        let known = scheme.isWeb || scheme.isEmpty ? scheme : ""
        // A password that was not escaped may hold these as well: then no part of it is known to be the host.
        guard !query.contains("@") else { return known + "…" }
        let at = address.lastIndex(of: "@")
        let place = at.map { address[address.index(after: $0)...] } ?? address
        let host = place.prefix { $0 != "/" }
        let path = place.dropFirst(host.count)
        guard known == scheme, host.isHostAndPort else { return known + "…" }
        let isUsual = path.allSatisfy { $0 == "/" } || (self == .api && path.hasSuffix("/api/v4"))
        return known + (at == nil ? "" : "…@") + host + (isUsual ? path : "/…")
            + (query.first.map { "\($0)…" } ?? "")
    }

    /// Whether the value is an address even where it has no scheme.
    private var isAddress: Bool { [.api, .httpProxy, .httpsProxy].contains(self) }
}

extension String {
    /// `http://`, where it begins like this; else empty. A password may hold `://`, too.
    fileprivate var scheme: Substring {
        guard let mark = firstRange(of: "://"),
            self[..<mark.lowerBound].allSatisfy({ $0.isLetter || $0.isNumber || "+-.".contains($0) })
        else { return "" }
        return self[..<mark.upperBound]
    }
}

extension Substring {
    fileprivate var isWeb: Bool { ["http://", "https://"].contains(lowercased()) }

    /// `host`, `host:8080`, `[::1]` or `[::1]:8080`.
    fileprivate var isHostAndPort: Bool {
        let name = hasPrefix("[") ? prefix { $0 != "]" } + "]" : prefix { $0 != ":" }
        let port = dropFirst(name.count)
        let isName = name.utf8.allSatisfy { $0.isLetter || $0.isDigit || "-._[]:".utf8.contains($0) }
        return !name.isEmpty && isName && (port.isEmpty || port.isPort)
    }

    private var isPort: Bool { first == ":" && (UInt16(dropFirst()) ?? 0) > 0 }
}
