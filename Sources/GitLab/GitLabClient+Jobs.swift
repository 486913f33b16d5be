extension GitLabClient {
    /// How many pages of a hundred jobs to read at most. A project with more is out of hand, and an error says so.
    private static let maximumPages = 200

    /// The CI jobs of a pipeline, retried ones included, newest first. Trigger jobs are not among them.
    public func pipelineJobs(project: String, pipeline: Int64) async throws(APIFailure) -> [JobRow] {
        let path = Self.path(project, "pipelines/\(pipeline)/jobs")
        return try await allJobs(path, [("include_retried", "true")], downTo: nil).rows
    }

    /// The latest attempt of each trigger job of a pipeline, newest first. GitLab 19.2 renames their list, and a later
    /// version may drop the old name.
    public func triggerJobs(project: String, pipeline: Int64) async throws(APIFailure) -> [JobRow] {
        for name in ["bridges", "trigger_jobs"] {
            do throws(APIFailure) {
                return try await allJobs(Self.path(project, "pipelines/\(pipeline)/\(name)"), [], downTo: nil)
                    .rows
            } catch {
                guard error.kind == .notFound else { throw error }
            }
        }
        return []
    }

    public func job(project: String, id: Int64) async throws(APIFailure) -> JobRow {
        try await value(get(Self.path(project, "jobs/\(id)")), JobRow.init)
    }

    /// The project's CI jobs in any of the `scopes` (statuses), newest first, with ids from `id` on; nil: all of them.
    ///
    /// GitLab lists jobs by falling ids, so this does not read the pages below `id`.
    public func runningJobs(
        project: String, scopes: [String], downTo id: Int64?
    ) async throws(APIFailure) -> RowList<JobRow> {
        try await allJobs(Self.path(project, "jobs"), scopes.map { ("scope[]", $0) } + Self.byID, downTo: id)
    }

    /// The project's newest CI jobs of any status, down to the id `id` and `below` more jobs. Reads at most
    /// `maximumPages` pages of a hundred.
    public func newestJobs(
        project: String, downTo id: Int64?, below: Int = 0, maximumPages: Int
    ) async throws(APIFailure) -> RowList<JobRow> {
        try await jobs(
            Self.path(project, "jobs"), Self.byID, downTo: id, below: below, maximumPages: maximumPages)
    }

    private static let byID = [("pagination", "keyset"), ("order_by", "id"), ("sort", "desc")]

    /// Starts a CI job again and returns the new one. `notRetryable`: a person or another instance was first, or GitLab
    /// never retries this job.
    public func retryJob(project: String, id: Int64) async throws(APIFailure) -> JobRow {
        try await value(post(Self.path(project, "jobs/\(id)/retry")), JobRow.init)
    }

    private func jobs(
        _ path: String, _ query: Query, downTo id: Int64?, below: Int = 0, maximumPages: Int
    ) async throws(APIFailure) -> RowList<JobRow> {
        var rest = below
        return try await walk(path, query, limit: maximumPages, JobRow.init, id: \.id) { row in
            guard row.id < id ?? .min else { return .keep }
            guard rest > 0 else { return .stop }
            rest -= 1
            return .keep
        }
    }

    private func allJobs(
        _ path: String, _ query: Query, downTo id: Int64?
    ) async throws(APIFailure) -> RowList<JobRow> {
        let list = try await jobs(path, query, downTo: id, maximumPages: Self.maximumPages)
        guard list.isComplete else {
            throw APIFailure(
                .malformed, request: "GET \(path)",
                message: "more than \(Self.maximumPages * Paging.rowsPerPage) jobs",
                advice: "Cancel CI jobs that hang in the project's job list.")
        }
        return list
    }
}
