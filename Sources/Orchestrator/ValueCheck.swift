import CivilTime
import GitLab
import HTTP
import JobFiles
import Text

/// Checks the values before the process touches anything: what each looks like, and what it should be.
extension Environment {
    /// This environment without the values that have blanks, line ends or quotes around them. Each is a problem:
    /// without its trimmings it would differ from the value that other programs read.
    func withoutTrimmings(_ problems: inout [String]) -> Environment {
        var values = values
        for variable in EnvironmentVariable.all {
            guard let value = self[variable], let trimmings = Trimmings(of: value) else { continue }
            problems.append(trimmings.words(for: variable, value))
            values[variable.name] = nil
        }
        return Environment(values)
    }

    /// Checks project and ref by the rules of job files, and the time zone of jobs that name none.
    func checkNames(_ problems: inout [String]) {
        if let ref = self[.ref], !ref.isRef {
            problems.append("\(EnvironmentVariable.ref.said(ref)): the name of a branch or a tag is needed")
        }
        if let project = self[.project], !project.isProject {
            problems.append(
                "\(EnvironmentVariable.project.said(project)): a project's number or its full path is needed, such as "
                    + "12345 or group/project")
        }
        guard let zone = self[.timezone] else { return }
        do throws(ZoneError) {
            _ = try ZoneDatabase(directory: self[.zoneDirectory]).zone(named: zone)
        } catch {
            let hint = error.hint.map { "; try: \($0)" } ?? ""
            problems.append("\(EnvironmentVariable.timezone.name): \(error.message)\(hint)")
        }
    }

    /// The address of GitLab's API; nil if the value is not one.
    func readAPI(_ problems: inout [String]) -> BaseURL? {
        do throws(TransportSetupError) {
            return try BaseURL(api: setting(.api))
        } catch {
            problems.append(error.description)
            return nil
        }
    }

    /// What is allowed and may do harm, one sentence each.
    public var warnings: [String] {
        var problems: [String] = []
        guard let api = readAPI(&problems), !api.isConfidential else { return [] }
        return [
            "\(EnvironmentVariable.api.name) begins with http://: the token travels unencrypted, and every machine on "
                + "the way to \(api.host) can read it; use https://"
        ]
    }
}

extension EnvironmentVariable {
    /// `NAME is “value”`.
    fileprivate func said(_ value: String) -> String { "\(name) is \(shown(value).inQuotes)" }
}

/// What stands around a value and does not belong to it.
private struct Trimmings {
    /// What is wrong, as a verb phrase: `ends with a carriage return`.
    let words: String
    let core: String

    init?(of value: String) {
        let scalars = value.unicodeScalars
        guard let first = scalars.first, let last = scalars.last else { return nil }
        if first.isTrimming {
            words = "begins with \(first.words)"
        } else if last.isTrimming {
            words = "ends with \(last.words)"
        } else if scalars.count > 1, first == last, first == "\"" || first == "'" {
            words = "has quotes around it"
            core = String(String.UnicodeScalarView(scalars.dropFirst().dropLast()))
            return
        } else {
            return nil
        }
        let head = scalars.drop(while: \.isTrimming)
        core = String(String.UnicodeScalarView(head.reversed().drop(while: \.isTrimming).reversed()))
    }

    func words(for variable: EnvironmentVariable, _ value: String) -> String {
        guard !core.isEmpty, variable.shown(core) == core else {
            return "\(variable.name) \(words): the value alone is needed"
        }
        return "\(variable.name) is \(value.inQuotes), which \(words): \(core.inQuotes) is needed"
    }
}

extension Unicode.Scalar {
    fileprivate var isTrimming: Bool { properties.isWhitespace || !isPrintable }

    fileprivate var words: String {
        switch self {
        case " ": "a blank"
        case "\t": "a tab"
        case "\r": "a carriage return"
        case "\n": "a line end"
        default: "U+" + String(value, radix: 16, uppercase: true)
        }
    }
}

extension String {
    /// The text in quotes, in one line. Invisible characters are escaped as in Swift.
    fileprivate var inQuotes: String {
        let most = 80
        let shown = unicodeScalars.prefix(most).map { scalar in
            switch scalar {
            case "\t": "\\t"
            case "\r": "\\r"
            case "\n": "\\n"
            case " ": " "
            case _ where scalar.isTrimming: "\\u{\(String(scalar.value, radix: 16))}"
            default: String(scalar)
            }
        }
        return "“\(shown.joined())\(unicodeScalars.count > most ? "…" : "")”"
    }
}
