extension FakeGitLab {
    /// `GET /projects/:id/pipelines`. It filters from the newest end, so that a short window of time costs little.
    func listPipelines(_ call: Call) throws(Refusal) -> FakeAnswer {
        let filter = try PipelineFilter(call.parameters)
        let page = try Page(call, settings)
        let project = try project(call)
        var matching: [Int] = []
        for index in candidates(filter) {
            let pipeline = allPipelines[index]
            if let after = filter.createdAfter, pipeline.createdAt <= after { break }
            guard pipeline.projectID == project.id, !pipeline.isDeleted, filter.fits(pipeline) else {
                continue
            }
            matching.append(index)
        }
        if filter.scope == "branches" || filter.scope == "tags" {
            matching = latestOfEachRef(matching, in: filter.scope == "tags" ? project.tags : project.branches)
        }
        matching = sorted(matching, filter)
        let rows = page.rows(of: matching).map { pipelineRowJSON(allPipelines[$0], withName: true) }
        let headers = page.headers(total: matching.count, atMost: settings.countedRows)
        return FakeAnswer(200, .array(rows), headers: headers)
    }

    /// The indices to look at, newest first: the order of creation is the order of ids.
    private func candidates(_ filter: PipelineFilter) -> [Int] {
        // A replica lacks the newest pipelines.
        if let name = filter.name {
            return (pipelinesByName[name] ?? []).filter { $0 < allPipelines.count }.reversed()
        }
        guard let after = filter.updatedAfter else { return allPipelines.indices.reversed() }
        // Pipelines that changed since then are at the end of the log, often more than once.
        let changed = changes.reversed().prefix { $0.at >= after }.map(\.pipeline)
        return Set(changed).sorted(by: >)
    }

    private func latestOfEachRef(_ indices: [Int], in refs: [String: String]) -> [Int] {
        var seen: Set<String> = []
        return indices.filter { index in
            refs[allPipelines[index].ref] != nil && seen.insert(allPipelines[index].ref).inserted
        }
    }

    /// Puts indices, which are newest first, into the requested order. The id decides between equals.
    private func sorted(_ indices: [Int], _ filter: PipelineFilter) -> [Int] {
        let isBefore: (FakePipeline, FakePipeline) -> Bool
        switch filter.orderBy {
        case "status": isBefore = { ($0.status.rawValue, $0.id) < ($1.status.rawValue, $1.id) }
        case "ref": isBefore = { ($0.ref, $0.id) < ($1.ref, $1.id) }
        case "updated_at": isBefore = { ($0.updatedAt, $0.id) < ($1.updatedAt, $1.id) }
        case "user_id": isBefore = { ($0.user.id, $0.id) < ($1.user.id, $1.id) }
        default: return filter.isAscending ? indices.reversed() : indices
        }
        let ascending = indices.sorted { isBefore(allPipelines[$0], allPipelines[$1]) }
        return filter.isAscending ? ascending : ascending.reversed()
    }

    /// `GET /projects/:id/pipelines/latest`: the latest pipeline of the commit at a ref's head; 403 if there is none.
    func getLatestPipeline(_ call: Call) throws(Refusal) -> FakeAnswer {
        let project = try project(call)
        let ref = call.parameters["ref"].text ?? "main"
        let latest = allPipelines.last { pipeline in
            pipeline.projectID == project.id && pipeline.ref == ref && !pipeline.isDeleted
                && pipeline.parentJobID == nil
                && pipeline.sha == project.head(of: ref)
        }
        guard let latest else { throw Refusal(.forbidden) }
        return FakeAnswer(200, pipelineJSON(latest, withName: true))
    }
}

/// The checked filters of a list of pipelines.
struct PipelineFilter {
    let name, scope, ref, sha, source, username: String?
    let status: FakeStatus?
    let createdAfter, createdBefore, updatedAfter, updatedBefore: Int64?
    let orderBy: String?
    let isAscending: Bool
    /// A list has child pipelines only if the request asks for their source.
    let isOfChildren: Bool

    private static let scopes: Set<String> = ["running", "pending", "finished", "branches", "tags"]
    private static let orders: Set<String> = ["id", "status", "ref", "updated_at", "user_id"]
    private static let statuses = Set(FakeStatus.allCases.map(\.rawValue))
    static let sources: Set<String> = [
        "unknown", "push", "web", "trigger", "schedule", "api", "external", "pipeline", "chat", "webide",
        "merge_request_event", "external_pull_request_event", "parent_pipeline", "ondemand_dast_scan",
        "ondemand_dast_validation", "security_orchestration_policy", "container_registry_push",
        "duo_workflow",
        "pipeline_execution_policy_schedule", "dependency_management_security_update",
    ]

    init(_ parameters: FakeJSON) throws(Refusal) {
        func text(_ name: String, in values: Set<String>? = nil) throws(Refusal) -> String? {
            guard let text = parameters[name].text, values?.contains(text) ?? true else {
                if parameters[name].isNull { return nil }
                throw Refusal(.error(400, "\(name) does not have a valid value"))
            }
            return text
        }
        func time(_ name: String) throws(Refusal) -> Int64? {
            guard let sent = parameters[name].text else { return nil }
            guard let time = Timestamp.parse(sent) else { throw Refusal(.error(400, "\(name) is invalid")) }
            return time
        }
        name = try text("name")
        scope = try text("scope", in: Self.scopes)
        status = try text("status", in: Self.statuses)
            .flatMap(FakeStatus.init(rawValue:))
        ref = try text("ref")
        sha = try text("sha")
        source = try text("source", in: Self.sources)
        username = try text("username")
        createdAfter = try time("created_after")
        createdBefore = try time("created_before")
        updatedAfter = try time("updated_after")
        updatedBefore = try time("updated_before")
        orderBy = try text("order_by", in: Self.orders)
        isOfChildren = source == "parent_pipeline"
        isAscending = try text("sort", in: ["asc", "desc"]) == "asc"
    }

    /// Whether a pipeline passes all filters but `created_after` and `name`, which the list applies itself.
    func fits(_ pipeline: FakePipeline) -> Bool {
        let scopeFits =
            switch scope {
            case "running": pipeline.status == .running
            case "pending": pipeline.status == .pending
            case "finished": [.success, .failed, .canceled].contains(pipeline.status)
            default: true
            }
        return scopeFits && isOfChildren == (pipeline.parentJobID != nil)
            && (status == nil || status == pipeline.status)
            && (ref == nil || ref == pipeline.ref) && (sha == nil || sha == pipeline.sha)
            && (source == nil || source == pipeline.source)
            && (username == nil || username == pipeline.user.username)
            && pipeline.createdAt < createdBefore ?? .max
            && pipeline.updatedAt >= updatedAfter ?? .min && pipeline.updatedAt <= updatedBefore ?? .max
    }
}
