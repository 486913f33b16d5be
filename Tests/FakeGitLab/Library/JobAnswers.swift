/// CI jobs as JSON, with the fields of `Entities::Ci::Job`.
extension FakeGitLab {
    func jobJSON(_ job: FakeJob) -> FakeJSON {
        guard let pipeline = pipeline(job.pipelineID) else { return .null }
        if settings.isBrief { return briefJSON(job, ref: pipeline.ref) }
        let project = project(of: pipeline)
        let hasRunner = job.startedAt != nil
        let reason: [FakeJSON.Member] = job.failureReason.map { [.init("failure_reason", .string($0))] } ?? []
        let members: FakeJSON = [
            "id": .int(job.id), "status": .string(job.status.rawValue), "stage": .string(job.plan.stage),
            "name": .string(job.name), "ref": .string(pipeline.ref),
            "tag": .bool(project.tags[pipeline.ref] != nil), "coverage": .null,
            "allow_failure": .bool(job.plan.allowFailure), "created_at": time(job.createdAt),
            "started_at": time(job.startedAt), "finished_at": time(job.finishedAt), "erased_at": .null,
            "duration": seconds(job.startedAt, job.finishedAt ?? now),
            "queued_duration": seconds(job.queuedAt, job.startedAt ?? now),
            "user": fullUserJSON(pipeline.user),
            "commit": commitJSON(pipeline.sha, project),
            "pipeline": pipelineRowJSON(pipeline, withName: false),
            "web_url": .string("\(settings.webURL)/\(project.path)/-/jobs/\(job.id)"),
            "project": ["ci_job_token_scope_enabled": false], "artifacts": [],
            "runner": hasRunner ? runnerJSON : .null, "runner_manager": hasRunner ? runnerManagerJSON : .null,
            "artifacts_expire_at": .null, "archived": false, "source": .string(pipeline.source),
            "tag_list": ["docker"],
        ]
        return .object(members.members + reason)
    }

    private func briefJSON(_ job: FakeJob, ref: String) -> FakeJSON {
        .object([
            .init("id", .int(job.id)), .init("status", .string(job.status.rawValue)),
            .init("name", .string(job.name)), .init("ref", .string(ref)),
            .init("allow_failure", .bool(job.plan.allowFailure)),
            .init("created_at", time(job.createdAt)), .init("started_at", time(job.startedAt)),
            .init("finished_at", time(job.finishedAt)),
        ])
    }

    private func commitJSON(_ sha: String, _ project: FakeProject) -> FakeJSON {
        [
            "id": .string(sha), "short_id": .string(String(sha.prefix(8))),
            "created_at": "2026-01-14T16:20:11.000+00:00",
            "parent_ids": ["1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f"], "title": "Add nightly jobs",
            "message": "Add nightly jobs\n", "author_name": "Ada", "author_email": "ada@example.com",
            "authored_date": "2026-01-14T16:20:11.000+00:00", "committer_name": "Ada",
            "committer_email": "ada@example.com", "committed_date": "2026-01-14T16:20:11.000+00:00",
            "trailers": [:], "extended_trailers": [:],
            "web_url": .string("\(settings.webURL)/\(project.path)/-/commit/\(sha)"),
        ]
    }

    private var runnerJSON: FakeJSON {
        [
            "id": 77, "description": "docker-1", "ip_address": .null, "active": true, "paused": false,
            "is_shared": false, "runner_type": "project_type", "name": "gitlab-runner", "online": true,
            "created_at": "2025-06-01T00:00:00.000Z", "status": "online",
        ]
    }

    private var runnerManagerJSON: FakeJSON {
        [
            "id": 88, "system_id": "s_0123456789ab", "version": .string(settings.version),
            "revision": "bda84871", "platform": "linux", "architecture": "amd64",
            "created_at": "2025-06-01T00:00:00.000Z", "contacted_at": time(now), "ip_address": .null,
            "status": "online",
        ]
    }
}
