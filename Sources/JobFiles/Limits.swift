/// Bounds on what is read. Far above any real job folder; they keep a wrong path or a hostile file harmless.
enum Limits {
    /// A job takes some hundred bytes. Also the bound for a file with its aliases written out.
    static let fileBytes = 1 << 20
    static let files = 200_000
    /// Files and folders looked at, job files or not: a path such as `/` ends here.
    static let entries = 1_000_000
    /// Nested lists and maps; a job needs four levels, inputs may nest lists.
    static let depth = 32
    /// libyaml holds each of these lines against all before it, and each tag against all of them.
    static let tagLines = 100
    static let problemsPerFile = 100
    /// GitLab refuses pipelines with names of more than 255 characters; `orchestrate <name>@<fire time>` has to fit.
    static let nameCharacters = 200
    static let refCharacters = 255
    static let projectCharacters = 1_024
    /// GitLab's bound for the key of a pipeline variable.
    static let keyCharacters = 255
    /// Linux refuses a longer `KEY=value` with its end (`MAX_ARG_STRLEN`): the CI job would not start.
    static let environmentBytes = 128 * 1024
    /// GitLab.com refuses longer values of variables from GitLab 19 on; others take 360 KiB.
    static let valueBytesOnGitLabCom = 120 * 1024
    /// `INPUTS_LIMIT` of GitLab's `Ci::Pipeline`.
    static let inputs = 20
    static let descriptionCharacters = 10_000
    static let retries = 100
}
