extension GitLabClient {
    /// Pages of a hundred jobs to read at most: beyond this a project is out of hand, and an error says so.
    private static let maximumPages = 200

    /// The CI jobs of a pipeline, retried ones included, newest first; trigger jobs are not among them.
    public func pipelineJobs(project: String, pipeline: Int64) async throws(APIFailure) -> [JobRow] {
        let path = Self.path(project, "pipelines/\(pipeline)/jobs")
        return try await allJobs(path, [("include_retried", "true")], downTo: nil).rows
    }

    /// The latest attempt of each trigger job of a pipeline, newest first. Before 19.2 their list has another name, and
    /// after it may lose that one.
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

    /// The project's CI jobs in any of the `scopes` (statuses), newest first, with ids from `id` on, or all.
    ///
    /// GitLab lists jobs by falling ids, so the pages below `id` are not read.
    public func runningJobs(
        project: String, scopes: [String], downTo id: Int64?
    ) async throws(APIFailure) -> RowList<JobRow> {
        try await allJobs(Self.path(project, "jobs"), scopes.map { ("scope[]", $0) } + Self.byID, downTo: id)
    }

    /// The project's newest CI jobs of any status, down to the id `id` and `below` more, in at most so many pages of a
    /// hundred.
    public func newestJobs(
        project: String, downTo id: Int64?, below: Int = 0, maximumPages: Int
    ) async throws(APIFailure) -> RowList<JobRow> {
        try await jobs(
            Self.path(project, "jobs"), Self.byID, downTo: id, below: below, maximumPages: maximumPages)
    }

    private static let byID = [("pagination", "keyset"), ("order_by", "id"), ("sort", "desc")]

    /// Starts a CI job again and returns the new one. `notRetryable`: a person or another instance was first, or GitLab
    /// never retries it.
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
                advice: "Cancel what hangs in the project's job list.")
        }
        return list
    }
}
