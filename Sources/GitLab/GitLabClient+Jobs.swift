extension GitLabClient {
    /// Pages of a hundred jobs to read at most: beyond this a project is out of hand, and an error says so.
    private static let maximumPages = 200

    /// The CI jobs of a pipeline, newest first; trigger jobs are not among them.
    public func pipelineJobs(
        project: String, pipeline: Int64, includeRetried: Bool
    ) async throws(APIFailure) -> [JobRow] {
        try await jobs(
            Self.path(project, "pipelines/\(pipeline)/jobs"),
            includeRetried ? [("include_retried", "true")] : [], downTo: nil)
    }

    public func job(project: String, id: Int64) async throws(APIFailure) -> JobRow {
        try await value(get(Self.path(project, "jobs/\(id)")), JobRow.init)
    }

    /// The project's CI jobs in any of the `scopes` (statuses), newest first, with ids from `id` on, or all.
    ///
    /// GitLab lists jobs by falling ids, so the pages below `id` are not read.
    public func runningJobs(
        project: String, scopes: [String], downTo id: Int64?
    ) async throws(APIFailure) -> [JobRow] {
        let order = [("pagination", "keyset"), ("order_by", "id"), ("sort", "desc")]
        return try await jobs(
            Self.path(project, "jobs"), scopes.map { ("scope[]", $0) } + order, downTo: id)
    }

    /// Starts a CI job again and returns the new one. `notRetryable`: somebody else has done it.
    public func retryJob(project: String, id: Int64) async throws(APIFailure) -> JobRow {
        try await value(post(Self.path(project, "jobs/\(id)/retry")), JobRow.init)
    }

    private func jobs(
        _ path: String, _ query: [(name: String, value: String)], downTo id: Int64?
    ) async throws(APIFailure) -> [JobRow] {
        var found: [JobRow] = []
        let walk = try await walk(path, query, limit: Self.maximumPages, JobRow.init, id: \.id) { row in
            guard row.id >= id ?? .min else { return false }
            found.append(row)
            return true
        }
        guard walk.isComplete else {
            throw APIFailure(
                .malformed, request: "GET \(path)",
                message: "more than \(Self.maximumPages * Paging.rowsPerPage) jobs",
                advice: "Cancel what hangs in the project's job list.")
        }
        return found
    }
}
