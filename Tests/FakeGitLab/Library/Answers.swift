/// Pipelines and related objects as JSON, with the fields of GitLab's entities.
extension FakeGitLab {
    /// `Entities::Ci::PipelineBasic`: a row of a list, and a part of other entities.
    func pipelineRowJSON(_ pipeline: FakePipeline, withName: Bool) -> FakeJSON {
        if settings.isBrief { return briefJSON(pipeline, withName: withName) }
        let name: [FakeJSON.Member] = withName ? [.init("name", FakeJSON(pipeline.name))] : []
        return .object(basicMembers(pipeline) + name)
    }

    /// `Entities::Ci::Pipeline`; with the name, `PipelineWithMetadata`, which only GET returns.
    func pipelineJSON(_ pipeline: FakePipeline, withName: Bool) -> FakeJSON {
        if settings.isBrief { return briefJSON(pipeline, withName: withName) }
        let isOver = pipeline.finishedAt != nil
        let members: FakeJSON = [
            "before_sha": "0000000000000000000000000000000000000000",
            "tag": .bool(project(of: pipeline).tags[pipeline.ref] != nil), "yaml_errors": .null,
            "user": userJSON(pipeline.user), "started_at": time(pipeline.startedAt),
            "finished_at": time(pipeline.finishedAt), "committed_at": .null,
            "duration": isOver ? wholeSeconds(pipeline.startedAt, pipeline.finishedAt) : .null,
            "queued_duration": seconds(pipeline.createdAt, pipeline.startedAt), "coverage": .null,
            "detailed_status": detailedStatusJSON(pipeline),
        ]
        let name: [FakeJSON.Member] = withName ? [.init("name", FakeJSON(pipeline.name))] : []
        return .object(basicMembers(pipeline) + members.members + name)
    }

    private func briefJSON(_ pipeline: FakePipeline, withName: Bool) -> FakeJSON {
        let members: [FakeJSON.Member] = [
            .init("id", .int(pipeline.id)), .init("status", .string(pipeline.status.rawValue)),
            .init("source", .string(pipeline.source)), .init("created_at", time(pipeline.createdAt)),
            .init("updated_at", time(pipeline.updatedAt)),
        ]
        guard withName, let name = pipeline.name else { return .object(members) }
        return .object(members + [.init("name", .string(name))])
    }

    private func basicMembers(_ pipeline: FakePipeline) -> [FakeJSON.Member] {
        let members: FakeJSON = [
            "id": .int(pipeline.id), "iid": .int(pipeline.iid), "project_id": .int(pipeline.projectID),
            "sha": .string(pipeline.sha), "ref": .string(pipeline.ref),
            "status": .string(pipeline.status.rawValue), "source": .string(pipeline.source),
            "created_at": time(pipeline.createdAt), "updated_at": time(pipeline.updatedAt),
            "web_url": .string("\(settings.webURL)/\(project(of: pipeline).path)/-/pipelines/\(pipeline.id)"),
        ]
        return members.members
    }

    private func detailedStatusJSON(_ pipeline: FakePipeline) -> FakeJSON {
        let words = pipeline.status.words
        return [
            "icon": .string("status_\(words.icon)"), "text": .string(words.text),
            "label": .string(words.label),
            "group": .string(words.group), "tooltip": .string(words.label), "has_details": true,
            "details_path": .string("/\(project(of: pipeline).path)/-/pipelines/\(pipeline.id)"),
            "illustration": .null, "favicon": .string("/assets/ci_favicons/favicon_status_\(words.icon).png"),
        ]
    }

    /// The user as a part of other entities.
    func userJSON(_ user: FakeUser) -> FakeJSON {
        [
            "id": .int(user.id), "username": .string(user.username), "public_email": .null,
            "name": .string(user.name), "state": "active", "locked": false, "avatar_url": .null,
            "web_url": .string("\(settings.webURL)/\(user.username)"),
        ]
    }

    /// The user as a job and `GET /user` show it.
    func fullUserJSON(_ user: FakeUser) -> FakeJSON {
        let more: FakeJSON = [
            "created_at": "2025-09-01T08:00:00.000Z", "bio": "", "location": "", "linkedin": "",
            "twitter": "",
            "discord": "", "website_url": "", "organization": "", "job_title": "", "pronouns": .null,
            "bot": true,
            "work_information": .null, "followers": 0, "following": 0, "local_time": .null,
        ]
        return .object(userJSON(user).members + more.members)
    }

    /// The part of a project that a scheduler reads.
    func projectJSON(_ project: FakeProject) -> FakeJSON {
        let name = project.path.split(separator: "/").last.map(String.init) ?? project.path
        return [
            "id": .int(project.id), "name": .string(name), "path": .string(name),
            "path_with_namespace": .string(project.path), "default_branch": "main",
            "web_url": .string("\(settings.webURL)/\(project.path)"),
        ]
    }

    func project(of pipeline: FakePipeline) -> FakeProject {
        settings.projects.first { $0.id == pipeline.projectID } ?? FakeProject(id: pipeline.projectID)
    }

    func time(_ microseconds: Int64?) -> FakeJSON { FakeJSON(microseconds.map(Timestamp.text)) }

    /// Seconds between two times, with a fraction; null if one is missing.
    func seconds(_ start: Int64?, _ end: Int64?) -> FakeJSON {
        guard let start, let end else { return .null }
        return .double((Double(end - start) / 1e4).rounded() / 100)
    }

    private func wholeSeconds(_ start: Int64?, _ end: Int64?) -> FakeJSON {
        guard let start, let end else { return .null }
        return .int((end - start) / Timestamp.second)
    }
}

extension FakeStatus {
    /// How GitLab's pages show a status: `detailed_status`.
    fileprivate var words: (icon: String, text: String, label: String, group: String) {
        let capital = rawValue.prefix(1).uppercased() + rawValue.dropFirst()
        return switch self {
        case .success: ("success", "Passed", "passed", "success")
        case .manual: ("manual", "Blocked", "blocked", "manual")
        case .canceling: ("canceled", "Canceling", "canceling", "canceling")
        case .waitingForResource: ("pending", "Waiting", "waiting", "waiting-for-resource")
        case .waitingForCallback: ("pending", "Waiting", "waiting", "waiting-for-callback")
        default: (rawValue, capital, rawValue, rawValue)
        }
    }
}
