import Scheduling
import Text

/// Warns of values of `variables` and `inputs` that are allowed but probably mistakes. No warning shows a value.
extension JobReader {
    /// The variables that orchestrate gives to each pipeline. A value that is only such a name asks for its content.
    private static let told: Set<String> = [
        "$ORCHESTRATE_RUN_ID", "$ORCHESTRATE_JOB_NAME", "$ORCHESTRATE_SCHEDULED_AT", "$ORCHESTRATE_INSTANCE",
        "$ORCHESTRATE_INTERVAL_START", "$ORCHESTRATE_INTERVAL_END",
    ]

    mutating func adviseOnVariables(_ draft: Draft) {
        guard let place = draft.variables else { return }
        for variable in draft.job.variables {
            let (key, value) = (variable.key, variable.value)
            if value.utf8.count > Limits.valueBytesOnGitLabCom {
                warn(
                    at: place,
                    "the value of \(key.quoted) is longer than 120 KiB, which GitLab.com does not take",
                    hint: "keep it in the repository, or as an artifact")
            }
            if value.isExpandedByGitLab, !Self.told.contains(value) {
                warn(
                    at: place,
                    "the value of \(key.quoted) has a '$', and GitLab puts a variable in its place",
                    hint: "'$$' for a '$' that stays, or the value in the CI file: "
                        + "variables: {\(key): {value: …, expand: false}}")
            }
            if GitLabToken.isIn(value) { adviseOnToken(in: key, at: place) }
        }
    }

    mutating func adviseOnInputs(_ draft: Draft) {
        guard let place = draft.inputs else { return }
        for input in draft.job.inputs where input.value.holdsToken {
            adviseOnToken(in: input.name, at: place)
        }
    }

    private mutating func adviseOnToken(in name: String, at place: Position) {
        warn(
            at: place,
            "the value of \(name.quoted) looks like a GitLab token, and who reads this file has it",
            hint: "a masked CI/CD variable of the project, which its CI jobs can read")
    }

    private mutating func warn(at place: Position, _ message: String, hint: String) {
        findings.report(at: place, message, hint: hint, severity: .warning)
    }
}

extension InputValue {
    fileprivate var holdsToken: Bool {
        switch self {
        case .text(let text): GitLabToken.isIn(text)
        case .array(let values): values.contains(where: \.holdsToken)
        case .number, .boolean: false
        }
    }
}

extension String {
    /// Whether GitLab's runner replaces a part of this text. It replaces `$NAME` and `${NAME}` by the variable's value,
    /// and `$1`, `$?` and other special parameters by nothing. It makes `$$` one `$`, and keeps a `$` before any other
    /// character.
    fileprivate var isExpandedByGitLab: Bool {
        var bytes = utf8[...]
        while let start = bytes.firstIndex(of: UInt8(ascii: "$")) {
            bytes = bytes[start...].dropFirst()
            guard let next = bytes.first else { return false }
            if next != UInt8(ascii: "$") {
                if next.isKeyByte || "{*#@!?-".utf8.contains(next) { return true }
                continue
            }
            bytes = bytes.dropFirst()
        }
        return false
    }
}
