/// What an error of a lint is about: GitLab judges more than the file, and each cause has its own check.
enum LintError: Hashable {
    /// No CI job is left for this pipeline.
    case empty
    /// The rules of the whole pipeline leave it out.
    case workflow
    /// The file does not take the inputs it was given.
    case inputs
    case ref, protection, role, disabled
    /// The file itself.
    case file

    init(_ text: String) {
        func has(_ words: String) -> Bool { text.contains(words) }
        self =
            if has("resulting pipeline would have been empty")
                || has("Pipeline will not run for the selected trigger")
                || has("No stages / jobs for this pipeline")
            {
                .empty
            } else if has("filtered out by workflow rules") || has("The pipeline did not run") {
                .workflow
            } else if Facts.isAboutUndeclaredInputs(text) || has("` input: ") {
                .inputs
            } else if has("Reference not found") || has("Ref is ambiguous") {
                .ref
            } else if has("sufficient permission to run a pipeline on") {
                .protection
            } else if has("Insufficient permissions") {
                .role
            } else if has("Pipelines are disabled") {
                .disabled
            } else {
                .file
            }
    }

    /// Whose check tells it.
    var place: CheckID {
        switch self {
        case .empty, .workflow: .ciJob
        case .inputs: .inputs
        case .ref: .ref
        case .protection: .protectedRef
        case .role: .role
        case .disabled: .pipelines
        case .file: .ciFile
        }
    }
}

extension Facts {
    /// Whether an error of a lint says that the file does not know the inputs it was given.
    public static func isAboutUndeclaredInputs(_ text: String) -> Bool {
        text.contains("inputs not defined in the `spec` section") || text.contains("unknown input arguments")
    }
}
