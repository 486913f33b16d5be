/// What a request asks for. The names are those of the fixtures.
public enum FakeOperation: String, Sendable, CaseIterable {
    case createPipeline, triggerPipeline, listPipelines, getLatestPipeline, getPipeline, deletePipeline
    case listPipelineVariables, updatePipelineMetadata, listPipelineJobs, listPipelineTriggerJobs
    case retryPipeline, cancelPipeline
    case listProjectJobs, getJob, getCurrentJob, retryJob, cancelJob
    case listResourceGroups, getResourceGroup, updateResourceGroup, listUpcomingJobs, getResourceGroupJob
    case getProject, getCommit, getCurrentUser, getVersion
    case getToken, getSite, getMember, getBranch, getTag, lintFile, lintText
    case listSchedules, getSchedule, listRunners, getRunner, listFreezes

    /// Whether a `JOB-TOKEN` is enough (`route_setting :authentication, job_token_allowed` in GitLab's code).
    var allowsJobToken: Bool {
        switch self {
        case .listPipelineJobs, .listProjectJobs, .getCurrentJob, .updatePipelineMetadata: true
        default: false
        }
    }
}

/// An operation with the decoded parts of its path, by name.
struct Target {
    let operation: FakeOperation
    let parts: [String: String]

    /// A numeric part of the path.
    func id(_ name: String) throws(Refusal) -> Int64 {
        guard let id = Int64(parts[name] ?? "") else { throw Refusal(.error(400, "\(name) is invalid")) }
        return id
    }
}

/// One method and path of the API.
struct Route {
    enum Match {
        case found(Target)
        case wrongMethod
        case unknown
    }

    let method: String
    let segments: [Substring]
    let operation: FakeOperation

    init(_ method: String, _ path: String, _ operation: FakeOperation) {
        self.method = method
        segments = path.split(separator: "/")
        self.operation = operation
    }

    static let all: [Route] = [
        Route("POST", "projects/:id/pipeline", .createPipeline),
        Route("POST", "projects/:id/trigger/pipeline", .triggerPipeline),
        Route("POST", "projects/:id/ref/:ref/trigger/pipeline", .triggerPipeline),
        Route("GET", "projects/:id/pipelines", .listPipelines),
        Route("GET", "projects/:id/pipelines/latest", .getLatestPipeline),
        Route("GET", "projects/:id/pipelines/:pipeline_id", .getPipeline),
        Route("DELETE", "projects/:id/pipelines/:pipeline_id", .deletePipeline),
        Route("GET", "projects/:id/pipelines/:pipeline_id/variables", .listPipelineVariables),
        Route("PUT", "projects/:id/pipelines/:pipeline_id/metadata", .updatePipelineMetadata),
        Route("GET", "projects/:id/pipelines/:pipeline_id/jobs", .listPipelineJobs),
        Route("GET", "projects/:id/pipelines/:pipeline_id/trigger_jobs", .listPipelineTriggerJobs),
        Route("GET", "projects/:id/pipelines/:pipeline_id/bridges", .listPipelineTriggerJobs),
        Route("POST", "projects/:id/pipelines/:pipeline_id/retry", .retryPipeline),
        Route("POST", "projects/:id/pipelines/:pipeline_id/cancel", .cancelPipeline),
        Route("GET", "projects/:id/jobs", .listProjectJobs),
        Route("GET", "projects/:id/jobs/:job_id", .getJob),
        Route("POST", "projects/:id/jobs/:job_id/retry", .retryJob),
        Route("POST", "projects/:id/jobs/:job_id/cancel", .cancelJob),
        Route("GET", "projects/:id/resource_groups", .listResourceGroups),
        Route("GET", "projects/:id/resource_groups/:key", .getResourceGroup),
        Route("PUT", "projects/:id/resource_groups/:key", .updateResourceGroup),
        Route("GET", "projects/:id/resource_groups/:key/upcoming_jobs", .listUpcomingJobs),
        Route("GET", "projects/:id/resource_groups/:key/current_job", .getResourceGroupJob),
        Route("GET", "projects/:id", .getProject),
        Route("GET", "projects/:id/repository/commits/:sha", .getCommit),
        Route("GET", "job", .getCurrentJob),
        Route("GET", "user", .getCurrentUser),
        Route("GET", "version", .getVersion),
        Route("GET", "metadata", .getSite),
        Route("GET", "personal_access_tokens/self", .getToken),
        Route("GET", "projects/:id/members/all/:user_id", .getMember),
        Route("GET", "projects/:id/repository/branches/:ref", .getBranch),
        Route("GET", "projects/:id/repository/tags/:ref", .getTag),
        Route("GET", "projects/:id/ci/lint", .lintFile),
        Route("POST", "projects/:id/ci/lint", .lintText),
        Route("GET", "projects/:id/pipeline_schedules", .listSchedules),
        Route("GET", "projects/:id/pipeline_schedules/:schedule_id", .getSchedule),
        Route("GET", "projects/:id/runners", .listRunners),
        Route("GET", "runners/:runner_id", .getRunner),
        Route("GET", "projects/:id/freeze_periods", .listFreezes),
    ]

    /// The first route that matches. So a fixed segment must stand before a `:name` in `all`.
    static func find(_ request: FakeRequest) -> Match {
        let sent = request.path.split(separator: "/")
        guard sent.starts(with: ["api", "v4"]) else { return .unknown }
        let segments = sent.dropFirst(2)
        var isKnown = false
        for route in all where route.fits(segments) {
            guard route.method == request.method else {
                isKnown = true
                continue
            }
            return .found(Target(operation: route.operation, parts: route.parts(of: segments)))
        }
        return isKnown ? .wrongMethod : .unknown
    }

    private func fits(_ sent: ArraySlice<Substring>) -> Bool {
        sent.count == segments.count
            && zip(segments, sent).allSatisfy { $0 == $1 || $0.first == ":" }
    }

    private func parts(of sent: ArraySlice<Substring>) -> [String: String] {
        var parts: [String: String] = [:]
        for (name, segment) in zip(segments, sent) where name.first == ":" {
            parts[String(name.dropFirst())] = Parameters.decoded(segment)
        }
        return parts
    }
}
