public import CivilTime

/// The status of a pipeline or of a CI job: GitLab uses the same thirteen words for both.
public enum PipelineStatus: String, Sendable, CaseIterable {
    case created
    case waitingForResource = "waiting_for_resource"
    case preparing
    case waitingForCallback = "waiting_for_callback"
    case pending
    case running
    case success
    case failed
    case canceling
    case canceled
    case skipped
    /// Blocked: it waits for a person.
    case manual
    /// It waits for the timer of a delayed job.
    case scheduled
}

/// A pipeline, as GitLab shows it in a list, alone, or as the answer to its creation.
public struct PipelineRow: Hashable, Sendable {
    public var id: Int64
    /// nil: a word that this version does not know; the pipeline is not over.
    public var status: PipelineStatus?
    /// GitLab's word for the status.
    public var statusWord: String
    public var ref: String?
    /// What started it; `api` for pipelines that were created over the API.
    public var source: String?
    /// What `workflow: name` made. The answer to a creation never has it.
    public var name: String?
    public var webURL: String?
    public var createdAt: Instant?
    public var updatedAt: Instant?
    public var startedAt: Instant?
    public var finishedAt: Instant?

    /// nil without a number as `id` or a text as `status`: such a row means nothing.
    init?(_ json: JSON) {
        guard let id = json["id"]?.integer, let status = json["status"]?.text else { return nil }
        self.id = id
        self.status = PipelineStatus(rawValue: status)
        statusWord = status
        ref = json["ref"]?.text
        source = json["source"]?.text
        name = json["name"]?.text
        webURL = json["web_url"]?.text
        createdAt = json["created_at"]?.time
        updatedAt = json["updated_at"]?.time
        startedAt = json["started_at"]?.time
        finishedAt = json["finished_at"]?.time
    }
}

/// A CI job.
public struct JobRow: Hashable, Sendable {
    public var id: Int64
    public var name: String
    /// nil: a word that this version does not know; the CI job is not over.
    public var status: PipelineStatus?
    public var stage: String?
    public var ref: String?
    /// The CI job may fail without failing the pipeline.
    public var allowFailure: Bool
    /// Only failed CI jobs have it, such as `script_failure` or `runner_system_failure`.
    public var failureReason: String?
    public var createdAt: Instant?
    public var startedAt: Instant?
    public var finishedAt: Instant?

    /// nil without `id`, `name` or `status`.
    init?(_ json: JSON) {
        guard let id = json["id"]?.integer, let name = json["name"]?.text, let status = json["status"]?.text
        else { return nil }
        self.id = id
        self.name = name
        self.status = PipelineStatus(rawValue: status)
        stage = json["stage"]?.text
        ref = json["ref"]?.text
        allowFailure = json["allow_failure"]?.boolean ?? false
        failureReason = json["failure_reason"]?.text
        createdAt = json["created_at"]?.time
        startedAt = json["started_at"]?.time
        finishedAt = json["finished_at"]?.time
    }
}

/// The pipelines or CI jobs that a list found.
public struct RowList<Row: Sendable>: Sendable {
    public var rows: [Row] = []
    /// GitLab's clock when it answered the first page.
    public var serverTime: Instant?
    /// False: the list has more pages than the client may read.
    public var isComplete = true
}

extension JSON {
    /// The members that the client reads of a successful answer. It drops all others.
    static let rowMembers: Set<String> = [
        "id", "status", "ref", "source", "name", "web_url", "created_at", "updated_at", "started_at",
        "finished_at", "stage", "allow_failure", "failure_reason", "key", "value", "version",
    ]

    fileprivate var time: Instant? { text.flatMap { Instant(lenient: $0) } }
}
