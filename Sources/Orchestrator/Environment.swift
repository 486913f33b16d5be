import HTTP
import Scheduling

/// The environment variables of the process that orchestrate reads.
public struct Environment: Sendable {
    /// In bytes: far more than any token has.
    private static let longestToken = 4_096

    let values: [String: String]

    public init(_ values: [String: String]) {
        self.values = values
    }

    /// The value of the variable; nil if it is absent or blank.
    public subscript(_ variable: EnvironmentVariable) -> String? {
        guard let value = values[variable.name], !value.allSatisfy(\.isWhitespace) else { return nil }
        return value
    }

    /// The value of the variable, else its default.
    func setting(_ variable: EnvironmentVariable) -> String {
        self[variable] ?? variable.fallback ?? ""
    }

    /// Whether the process is a CI job of GitLab.
    private var isCI: Bool { self[.jobID] != nil || self[.gitLabCI] == "true" }

    /// Whether `run` needs the variable here.
    public func requires(_ variable: EnvironmentVariable) -> Bool {
        switch variable.need {
        case .required: true
        case .requiredInCI: isCI
        case .optional: false
        }
    }

    /// Whether the variable has a value, or the variable that may replace it.
    public func provides(_ variable: EnvironmentVariable) -> Bool {
        self[variable] != nil || (variable == .token && self[.tokenFile] != nil)
    }

    /// Whether the variable exists, even blank.
    public func has(_ variable: EnvironmentVariable) -> Bool { values[variable.name] != nil }
}

/// Everything that is wrong with the environment or the flags. The command exits with code 78.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    public var problems: [String]

    public init(_ problems: [String]) {
        self.problems = problems
    }

    public var description: String { problems.joined(separator: "\n") }
}

extension Environment {
    /// One sentence for each required variable that has no value: its name and its purpose.
    func missing(_ required: [EnvironmentVariable]) -> [String] {
        required.filter { !provides($0) }.map { "\($0.name) is not set: \($0.meaning)" }
    }

    /// Reads a number of seconds; fractions are allowed.
    func seconds(_ variable: EnvironmentVariable, least: Double, problems: inout [String]) -> Duration? {
        guard let text = self[variable] else { return nil }
        guard let seconds = Double(text), seconds >= least, seconds <= 86_400 else {
            problems.append(
                "\(variable.name) is “\(text)”: a number of seconds from \(least) to 86400 is needed")
            return nil
        }
        return .microseconds(Int64(seconds * 1_000_000))
    }

    func count(_ variable: EnvironmentVariable, in range: ClosedRange<Int>, problems: inout [String]) -> Int?
    {
        guard let text = self[variable] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            problems.append(
                "\(variable.name) is “\(text)”: a whole number from \(range.lowerBound) to \(range.upperBound) is needed"
            )
            return nil
        }
        return number
    }

    /// How marks travel; nil: `auto`.
    func markKind(problems: inout [String]) -> MarkKind? {
        guard let text = self[.mark], text != EnvironmentVariable.mark.fallback else { return nil }
        guard let kind = MarkKind(rawValue: text) else {
            problems.append(
                "\(EnvironmentVariable.mark.name) is “\(text)”: auto, variables or inputs is needed")
            return nil
        }
        return kind
    }

    /// Reads the token from its variable, or from the file that replaces it. No message ever shows the token.
    func readToken(problems: inout [String]) -> String? {
        if let token = self[.token] { return checked(token, from: .token, problems: &problems) }
        guard let path = self[.tokenFile] else { return nil }
        do throws(NamedFile.Refusal) {
            let bytes = try NamedFile.bytes(of: path, atMost: Self.longestToken)
            // A file of one line ends with a line end, which is not part of the token.
            let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            return checked(words.joined(separator: " "), from: .tokenFile, problems: &problems)
        } catch {
            let shown = EnvironmentVariable.tokenFile.mayBeSecret(path) ? "the file it names" : path
            problems.append("\(EnvironmentVariable.tokenFile.name): \(shown) \(error.cause)")
            return nil
        }
    }

    private func checked(_ token: String, from variable: EnvironmentVariable, problems: inout [String])
        -> String?
    {
        guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            problems.append("\(variable.name) does not hold a token: one word of printable ASCII is needed")
            return nil
        }
        return token
    }
}
