/// Limits on job files. No real job folder comes near them. They keep a wrong path or a hostile file harmless.
enum Limits {
    /// A job takes some hundred bytes. The limit also holds for a file with its aliases written out.
    static let fileBytes = 1 << 20
    static let files = 200_000
    /// The search looks at this many files and folders, job files or not. With a path such as `/` it ends here.
    static let entries = 1_000_000
    /// The nesting of lists and maps. A job needs four levels, and inputs may nest lists.
    static let depth = 32
    /// libyaml compares each of these lines with all earlier ones, and each tag with all of them.
    static let tagLines = 100
    static let problemsPerFile = 100
    /// GitLab refuses pipelines with names of more than 255 characters, and `orchestrate <name>@<fire time>` must fit.
    static let nameCharacters = 200
    static let refCharacters = 255
    static let projectCharacters = 1_024
    /// GitLab's limit for the key of a pipeline variable.
    static let keyCharacters = 255
    /// Linux refuses a longer `KEY=value` including its end byte (`MAX_ARG_STRLEN`), and the CI job would not start.
    static let environmentBytes = 128 * 1024
    /// GitLab.com refuses longer values of variables from GitLab 19 on. Other instances of GitLab take 360 KiB.
    static let valueBytesOnGitLabCom = 120 * 1024
    /// `INPUTS_LIMIT` of GitLab's `Ci::Pipeline`.
    static let inputs = 20
    /// A channel's name is part of the name of an environment variable.
    static let channelCharacters = 100
    static let descriptionCharacters = 10_000
    static let retries = 100
}
