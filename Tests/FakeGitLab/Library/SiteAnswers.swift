/// What GitLab tells about itself, a token and a project. It depends on the caller's role.
extension FakeGitLab {
    /// `GET /personal_access_tokens/self`: for access tokens only, whatever their scope.
    func describeToken(_ call: Call) throws(Refusal) -> FakeAnswer {
        guard case .user(let token) = call.caller else { throw Refusal(.unauthorized) }
        return FakeAnswer(
            200,
            [
                "id": 42, "name": .string(token.user.name), "revoked": false,
                "created_at": "2026-01-10T08:00:00.000Z", "description": "",
                "scopes": [.string(token.scope == .api ? "api" : "read_api")],
                "user_id": .int(token.user.id), "last_used_at": time(now), "active": true,
                "expires_at": FakeJSON(token.until), "granular": false, "last_used_ips": ["192.0.2.10"],
            ])
    }

    func describeSite() -> FakeAnswer {
        FakeAnswer(
            200,
            [
                "version": .string(settings.version), "revision": "a0b1c2",
                "kas": ["enabled": true, "version": .string(settings.version)], "enterprise": true,
            ])
    }

    /// `GET /projects/:id`: GitLab shows the settings of CI/CD to Maintainers and Owners only.
    func describeProject(_ call: Call) throws(Refusal) -> FakeAnswer {
        let project = try project(call)
        let facts = project.facts
        let access: FakeJSON = facts.isStranger ? .null : ["access_level": .int(level(of: call.caller))]
        let seen: FakeJSON = [
            "visibility": "private", "archived": .bool(facts.isArchived), "empty_repo": .bool(facts.isEmpty),
            "jobs_enabled": .bool(facts.builds != "disabled"), "builds_access_level": .string(facts.builds),
            "shared_runners_enabled": true, "ci_config_path": "", "public_jobs": false,
            "permissions": ["project_access": access, "group_access": .null],
        ]
        let ours: FakeJSON = [
            "ci_pipeline_variables_minimum_override_role": .string(project.variablesRole),
            "restrict_user_defined_variables": .bool(project.variablesRole != "developer"),
            "auto_cancel_pending_pipelines": .string(facts.autoCancel), "build_timeout": 3600,
            "ci_separated_caches": true,
            "ci_delete_pipelines_in_seconds": facts.deletesPipelinesAfter.map(FakeJSON.int) ?? .null,
            "keep_latest_artifact": true, "group_runners_enabled": true,
        ]
        let members = projectJSON(project).members + seen.members
        return FakeAnswer(200, .object(members + (call.caller.has(.maintainer) ? ours.members : [])))
    }

    /// `GET /projects/:id/members/all/:user_id`.
    func describeMember(_ call: Call) throws(Refusal) -> FakeAnswer {
        let facts = try project(call).facts
        let id = try call.target.id("user_id")
        guard !facts.isStranger, let token = settings.tokens.first(where: { $0.user.id == id }) else {
            throw Refusal(.message(404, "404 Not found"))
        }
        return FakeAnswer(
            200,
            [
                "id": .int(id), "username": .string(token.user.username), "state": "active",
                "access_level": .int(token.role.level), "expires_at": FakeJSON(facts.memberUntil),
                "membership_state": "active",
            ])
    }

    private func level(of caller: Caller) -> Int64 {
        if case .user(let token) = caller { token.role.level } else { FakeToken.Role.developer.level }
    }

    /// `GET /projects/:id/repository/branches/:branch`.
    func describeBranch(_ call: Call) throws(Refusal) -> FakeAnswer {
        try require(.reporter, call)
        let project = try project(call)
        let name = call.target.parts["ref"] ?? ""
        guard let sha = project.branches[name] else { throw Refusal(.message(404, "404 Branch Not Found")) }
        let isProtected = project.protectedBranches.contains(name)
        let developersMerge = !isProtected || project.facts.developersMerge.contains(name)
        return FakeAnswer(
            200,
            [
                "name": .string(name), "merged": false, "protected": .bool(isProtected),
                "default": .bool(name == "main"), "developers_can_push": .bool(!isProtected),
                "developers_can_merge": .bool(developersMerge),
                "can_push": .bool(call.caller.has(isProtected ? .maintainer : .developer)),
                "commit": ["id": .string(sha)],
                "web_url": .string("\(settings.webURL)/\(project.path)/-/tree/\(name)"),
            ])
    }

    func describeTag(_ call: Call) throws(Refusal) -> FakeAnswer {
        try require(.reporter, call)
        let name = call.target.parts["ref"] ?? ""
        guard let sha = try project(call).tags[name] else {
            throw Refusal(.message(404, "404 Tag Not Found"))
        }
        return FakeAnswer(
            200, ["name": .string(name), "message": "", "commit": ["id": .string(sha)], "protected": false])
    }

    func listSchedules(_ call: Call) throws(Refusal) -> FakeAnswer {
        try require(.reporter, call)
        let onlyActive = call.parameters["scope"].text == "active"
        let schedules = try project(call).facts.schedules.filter { $0.isActive || !onlyActive }
        return try page(call, of: schedules) { scheduleJSON($0) }
    }

    /// `GET /projects/:id/pipeline_schedules/:id`: only its owner and Maintainers see the variables.
    func describeSchedule(_ call: Call) throws(Refusal) -> FakeAnswer {
        try require(.reporter, call)
        let id = try call.target.id("schedule_id")
        guard let schedule = try project(call).facts.schedules.first(where: { $0.id == id }) else {
            throw Refusal(.message(404, "404 Pipeline Schedule Not Found"))
        }
        guard call.caller.has(.maintainer) else { return FakeAnswer(200, scheduleJSON(schedule)) }
        let variables = schedule.variables.sorted { $0.key < $1.key }.map { key, value -> FakeJSON in
            ["variable_type": "env_var", "key": .string(key), "value": .string(value)]
        }
        let more: FakeJSON = ["variables": .array(variables)]
        return FakeAnswer(200, .object(scheduleJSON(schedule).members + more.members))
    }

    private func scheduleJSON(_ schedule: FakeSchedule) -> FakeJSON {
        [
            "id": .int(schedule.id), "description": .string(schedule.description),
            "ref": .string(schedule.ref), "cron": .string(schedule.cron),
            "cron_timezone": .string(schedule.zone), "next_run_at": .null,
            "active": .bool(schedule.isActive),
            "owner": ["id": 1, "username": "ann", "state": .string(schedule.ownerState)], "inputs": [],
        ]
    }

    /// `GET /projects/:id/runners`: for Maintainers.
    func listRunners(_ call: Call) throws(Refusal) -> FakeAnswer {
        try require(.maintainer, call)
        let onlyOnline = call.parameters["status"].text == "online"
        let runners = try project(call).facts.runners.filter { $0.isOnline || !onlyOnline }
        return try page(call, of: runners) { .object(runnerJSON($0).members) }
    }

    func describeRunner(_ call: Call) throws(Refusal) -> FakeAnswer {
        let id = try call.target.id("runner_id")
        let runner = settings.projects.flatMap(\.facts.runners).first { $0.id == id }
        guard let runner else { throw Refusal(.message(404, "404 Runner Not Found")) }
        try require(.maintainer, call)
        let more: FakeJSON = [
            "tag_list": .array(runner.tags.map(FakeJSON.string)), "run_untagged": .bool(runner.runsUntagged),
        ]
        return FakeAnswer(200, .object(runnerJSON(runner).members + more.members))
    }

    private func runnerJSON(_ runner: FakeRunner) -> FakeJSON {
        [
            "id": .int(runner.id), "description": "k8s", "active": .bool(!runner.isPaused),
            "paused": .bool(runner.isPaused), "is_shared": false, "runner_type": "project_type",
            "online": .bool(runner.isOnline), "status": .string(runner.isOnline ? "online" : "offline"),
            "name": .null,
        ]
    }

    func listFreezes(_ call: Call) throws(Refusal) -> FakeAnswer {
        try require(.reporter, call)
        let freezes = Array(try project(call).facts.freezes.enumerated())
        return try page(call, of: freezes) { freeze in
            [
                "id": .int(Int64(freeze.offset + 1)), "freeze_start": .string(freeze.element.start),
                "freeze_end": .string(freeze.element.end), "cron_timezone": "UTC", "created_at": time(now),
                "updated_at": time(now),
            ]
        }
    }

    private func page<Row>(
        _ call: Call, of rows: [Row], _ json: (Row) -> FakeJSON
    ) throws(Refusal) -> FakeAnswer {
        let page = try Page(call, settings)
        return FakeAnswer(
            200, .array(page.rows(of: rows).map(json)), headers: page.headers(total: rows.count))
    }
}

extension FakeToken.Role {
    /// GitLab's number of the role.
    var level: Int64 { [10, 20, 30, 40, 50][rawValue] }
}
