public import HTTP

/// What can be known of a site, a project and a token before anything is created there. Everything here only reads.
extension GitLabClient {
    /// A client whose requests change nothing, whatever is asked of it: it reads, and lints CI files.
    public static func onlyReading(
        hiding secrets: @escaping @Sendable () -> [Secret], send: @escaping Send
    ) -> GitLabClient {
        GitLabClient(hiding: secrets) { (request) async throws(TransportFailure) in
            guard request.method == .get || request.isLint else {
                throw .notSent("\(request.place) would change something")
            }
            return try await send(request)
        }
    }

    public func token() async throws(APIFailure) -> TokenRow {
        try await look(get("/personal_access_tokens/self"), TokenRow.init)
    }

    public func user() async throws(APIFailure) -> UserRow { try await look(get("/user"), UserRow.init) }

    /// GitLab's version, such as `18.5.2-ee`; older ones tell it at another place.
    public func siteVersion() async throws(APIFailure) -> String {
        do throws(APIFailure) {
            return try await look(get("/metadata")) { $0["version"]?.text }
        } catch {
            guard error.kind == .notFound else { throw error }
            return try await version()
        }
    }

    /// `project`: an id or a path, also a former one.
    public func project(_ project: String) async throws(APIFailure) -> ProjectRow {
        var request = get(Self.path(project))
        var response = try await anyAnswer(to: request)
        // Once: answers that point at one another would have no end.
        if response.status == 301, let id = Self.movedProject(response) {
            request = get(Self.path(String(id)))
            response = try await anyAnswer(to: request)
        }
        guard (200..<300).contains(response.status) else { throw failure(response, request) }
        return try read(response, request, ProjectRow.init)
    }

    /// The membership of a user, by the project or by a group above it.
    public func member(project: String, user: Int64) async throws(APIFailure) -> MemberRow {
        try await look(get(Self.path(project, "members/all/\(user)")), MemberRow.init)
    }

    /// The branch or tag of this name.
    public func findRef(project: String, ref: String) async throws(APIFailure) -> RefRow {
        func path(_ kind: String, _ name: some StringProtocol) -> String {
            Self.path(project, "repository/\(kind)/\(PercentEncoding.encode(String(name)))")
        }
        if let tag = ref.cut(prefix: "refs/tags/") { return try await self.tag(path("tags", tag)) }
        let branch = ref.cut(prefix: "refs/heads/")
        do throws(APIFailure) {
            return try await look(get(path("branches", branch ?? ref[...])), RefRow.init)
        } catch {
            guard branch == nil, error.isAbsentRef else { throw error }
            do throws(APIFailure) {
                return try await tag(path("tags", ref))
            } catch let other {
                throw other.kind == .notFound ? error : other
            }
        }
    }

    private func tag(_ path: String) async throws(APIFailure) -> RefRow {
        var row = try await look(get(path), RefRow.init)
        row.isTag = true
        return row
    }

    public func schedules(project: String) async throws(APIFailure) -> [ScheduleRow] {
        try await list(Self.path(project, "pipeline_schedules"), [("scope", "active")], ScheduleRow.init)
    }

    /// With its variables and inputs, for its owner and for Maintainers.
    public func schedule(_ id: Int64, project: String) async throws(APIFailure) -> ScheduleRow {
        try await look(get(Self.path(project, "pipeline_schedules/\(id)")), ScheduleRow.init)
    }

    public func onlineRunners(project: String) async throws(APIFailure) -> [RunnerRow] {
        try await list(Self.path(project, "runners"), [("status", "online")], RunnerRow.init)
    }

    /// With its tags.
    public func runner(_ id: Int64) async throws(APIFailure) -> RunnerRow {
        try await look(get("/runners/\(id)"), RunnerRow.init)
    }

    public func freezePeriods(project: String) async throws(APIFailure) -> [FreezeRow] {
        try await list(Self.path(project, "freeze_periods"), [], FreezeRow.init)
    }

    /// `unordered`, `oldest_first`, …
    public func processMode(project: String, resourceGroup key: String) async throws(APIFailure) -> String {
        let path = Self.path(project, "resource_groups/\(PercentEncoding.encode(key))")
        return try await look(get(path)) { $0["process_mode"]?.text }
    }

    /// What a pipeline of this text would be at a ref. `dryRun`: as if it were created, with all the rules.
    public func lint(
        project: String, content: String, ref: String, dryRun: Bool
    ) async throws(APIFailure) -> LintRow {
        let request = post(
            Self.path(project, "ci/lint"), body: LintOrder(content: content, ref: ref, isDry: dryRun).json)
        return try lintRow(await answer(to: request), request)
    }

    /// The same of the project's own CI file, for those who may not create pipelines.
    public func lintOfFile(project: String, ref: String) async throws(APIFailure) -> LintRow {
        let request = get(
            Self.path(project, "ci/lint"), [("content_ref", ref), ("include_jobs", "true")])
        return try lintRow(await answer(to: request), request)
    }

    private func lintRow(_ response: HTTPResponse, _ request: HTTPRequest) throws(APIFailure) -> LintRow {
        let secrets = hidden
        return try row(try rawJSON(response, request), response, request) { LintRow($0, hiding: secrets) }
    }
}

extension GitLabClient {
    private static let fields: Set<String> = [
        "id", "name", "user_id", "scopes", "granular", "active", "revoked", "expires_at", "username", "state",
        "bot", "is_admin", "version", "path_with_namespace", "archived", "jobs_enabled",
        "builds_access_level", "ci_config_path", "permissions", "project_access", "group_access",
        "access_level", "ci_pipeline_variables_minimum_override_role", "restrict_user_defined_variables",
        "auto_cancel_pending_pipelines", "ci_delete_pipelines_in_seconds", "membership_state", "protected",
        "can_push", "developers_can_merge", "description", "ref", "cron", "cron_timezone", "owner", "paused",
        "online", "status", "tag_list", "run_untagged", "freeze_start", "freeze_end", "process_mode",
        "valid", "errors", "merged_yaml", "jobs", "variables", "inputs", "key", "value",
    ]

    private func look<Row>(
        _ request: HTTPRequest, _ row: (JSON) -> Row?
    ) async throws(APIFailure) -> Row {
        try await read(answer(to: request), request, row)
    }

    private func read<Row>(
        _ response: HTTPResponse, _ request: HTTPRequest, _ read: (JSON) -> Row?
    ) throws(APIFailure) -> Row {
        try row(try rawJSON(response, request).presentable(hiding: hidden), response, request, read)
    }

    private func rawJSON(_ response: HTTPResponse, _ request: HTTPRequest) throws(APIFailure) -> JSON {
        do {
            return try JSONReader.read(response.body, keeping: Self.fields)
        } catch {
            throw malformed(response, request, "an answer that is not JSON (\(error))")
        }
    }

    private func row<Row>(
        _ json: JSON, _ response: HTTPResponse, _ request: HTTPRequest, _ read: (JSON) -> Row?
    ) throws(APIFailure) -> Row {
        guard let row = read(json) else {
            throw malformed(response, request, "an answer without the expected fields")
        }
        return row
    }

    /// Up to ten pages. Entries of another form are left out, unless there are no others.
    private func list<Row>(
        _ path: String, _ query: Query, _ row: (JSON) -> Row?
    ) async throws(APIFailure) -> [Row] {
        var paging = Paging(query)
        var request = get(path, paging.firstQuery)
        var rows: [Row] = []
        for _ in 0..<10 {
            let response = try await answer(to: request)
            let elements = try read(response, request) { $0.elements }
            let found = elements.compactMap(row)
            guard elements.isEmpty || !found.isEmpty else {
                throw malformed(response, request, "a list with entries that lack the expected fields")
            }
            rows += found
            guard let next = paging.next(after: response, rows: elements.count) else { break }
            request = get(path, next)
        }
        return rows
    }
}

extension APIFailure {
    /// There is no such branch or tag; the project is there.
    public var isAbsentRef: Bool {
        kind == .notFound && (message == "404 Branch Not Found" || message == "404 Tag Not Found")
    }
}

extension HTTPRequest {
    fileprivate var isLint: Bool { method == .post && path.hasSuffix("/ci/lint") }
}

extension String {
    /// What follows the prefix; nil where it does not begin so.
    fileprivate func cut(prefix: String) -> Substring? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
    }
}
