public import CivilTime
import HTTP
import Text

extension GitLabClient {
    /// Creates a pipeline. Never sends the POST twice. After `uncertain` and `malformed`, GitLab may have created one.
    public func createPipeline(
        project: String, _ order: PipelineOrder
    ) async throws(APIFailure) -> PipelineRow {
        try await value(post(Self.path(project, "pipeline"), body: order.json), PipelineRow.init)
    }

    /// The pipelines of a project that match a query, in the query's order.
    public func pipelines(
        project: String, _ query: PipelineQuery
    ) async throws(APIFailure) -> RowList<PipelineRow> {
        try await walk(
            Self.path(project, "pipelines"), query.parameters, limit: query.maximumPages, PipelineRow.init,
            id: \.id
        ) { row in
            guard !query.ends(at: row) else { return .stop }
            return query.admits(row) ? .keep : .leaveOut
        }
    }

    public func pipeline(project: String, id: Int64) async throws(APIFailure) -> PipelineRow {
        try await value(get(Self.path(project, "pipelines/\(id)")), PipelineRow.init)
    }

    /// The variables a pipeline was created with. GitLab shows them to its creator and to Maintainers.
    public func variables(project: String, pipeline: Int64) async throws(APIFailure) -> [String: String] {
        try await value(get(Self.path(project, "pipelines/\(pipeline)/variables"))) { json in
            guard let elements = json.elements else { return nil }
            let pairs = elements.compactMap { element in
                element["key"]?.text.map { ($0, element["value"]?.text ?? "") }
            }
            return Dictionary(pairs) { _, last in last }
        }
    }

    /// Checks that a ref exists. Fails with `notFound` if GitLab has no such project or no such ref. A token that may
    /// not read the repository learns nothing, and that is no failure. Returns GitLab's clock, if the answer tells it.
    public func findCommit(project: String, ref: String) async throws(APIFailure) -> Instant? {
        do throws(APIFailure) {
            return try await answer(
                to: get(Self.path(project, "repository/commits/\(PercentEncoding.encode(ref))"))
            ).serverTime
        } catch {
            let isAbsent = error.isAbsentProject || error.message == "404 Commit Not Found"
            guard isAbsent || (error.kind != .notFound && error.kind != .refused) else { return nil }
            throw error
        }
    }

    /// Gives a pipeline a name of 1 to 255 characters.
    public func rename(project: String, pipeline: Int64, to name: String) async throws(APIFailure) {
        let path = Self.path(project, "pipelines/\(pipeline)/metadata")
        var writer = JSONWriter(.compact)
        writer.object { $0.member("name", name) }
        _ = try await answer(
            to: put(path, body: writer.bytes))
    }

    /// Asks GitLab to cancel a pipeline. A pipeline that is over stays as it is, and that is no error.
    public func cancelPipeline(project: String, id: Int64) async throws(APIFailure) {
        _ = try await answer(to: post(Self.path(project, "pipelines/\(id)/cancel")))
    }
}
