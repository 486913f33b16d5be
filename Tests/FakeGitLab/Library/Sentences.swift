/// GitLab's sentences that a scheduler has to understand, each in GitLab's own form.
public enum FakeSentence: String, Sendable, CaseIterable {
    case readOnlyInstance = "You cannot perform write operations on a read-only instance"
    case movedProject = "Non GET methods are not allowed for moved projects"
    case undefinedError = "Undefined error (01FAKE0000000000000000000A)"
    case failedToPersistRetry = "Failed to persist the pipeline, please retry"
    case failedToPersist = "Failed to persist the pipeline: PG::CheckViolation"
    case configurationTimeout = "Request timed out when fetching configuration files."
    case remoteTimeout =
        "Remote file `https://example.com/ci.yml` could not be fetched because of a timeout error!"
    case remoteSocketError =
        "Remote file `https://example.com/ci.yml` could not be fetched because of a socket error!"
    case remoteHTTPError =
        "Remote file `https://example.com/ci.yml` could not be fetched because of HTTP error!"
    case commitNotFound = "Commit not found"
    case ambiguousRef = "Ref is ambiguous"
    case externalValidation = "External validation failed"
    case failedToBuild = "Failed to build the pipeline!"
    case nameTooLong =
        "Failed to build pipeline metadata! Name is too long (maximum is 255 characters)"
    case variablesTooLarge = "Failed to build pipeline variables: total size exceeds the limit of 10 MiB"
    case tooManyJobs = "Pipeline has too many jobs! Requested 501, but the limit is 500."
    case creditCard = "Credit card required to be on file in order to create a pipeline"
    case nonAIReview =
        "This pipeline did not run because the code should be reviewed by a non-AI user first."
    case inputsNotDefined =
        "Given inputs not defined in the `spec` section of the included configuration file: `report`"
    case unknownInputs = "unknown input arguments: report"
    case missingInput = "`report` input: required value has not been provided"
    case tooManyJobRetries = "Job retry rate limit exceeded"
    case noKeysetPagination = "Keyset pagination is not yet available for this type of request"
    case offsetTooLarge = """
        Offset pagination has a maximum allowed offset of 50000 for requests that return objects of type \
        Ci::Pipeline. Remaining records can be retrieved using keyset pagination.
        """

    /// The request to which GitLab gives this answer.
    public var operation: FakeOperation {
        switch self {
        case .tooManyJobRetries: .retryJob
        case .noKeysetPagination: .listProjectJobs
        case .offsetTooLarge: .listPipelines
        default: .createPipeline
        }
    }

    public var answer: FakeAnswer {
        switch self {
        case .readOnlyInstance: .message(403, rawValue)
        case .movedProject: .message(405, rawValue)
        case .tooManyJobRetries: .tooManyJobRetries
        case .noKeysetPagination, .offsetTooLarge: .error(405, rawValue)
        default: .base(400, rawValue)
        }
    }
}

extension FakeFault {
    /// GitLab answers with one of its sentences, and carries out nothing.
    public static func says(_ sentence: FakeSentence, times: Int? = 1) -> FakeFault {
        FakeFault(on: sentence.operation, effect: .none, reply: .canned(sentence.answer), times: times)
    }
}
