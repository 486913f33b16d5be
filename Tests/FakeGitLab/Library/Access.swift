/// Whose token a request carries.
enum Caller {
    case user(FakeToken)
    /// A running CI job, by its index in `allJobs`.
    case job(Int)

    func has(_ role: FakeToken.Role) -> Bool {
        if case .user(let token) = self { token.role >= role } else { false }
    }
}

/// A request that GitLab admits: its caller, its operation and its parameters.
struct Call {
    let request: FakeRequest
    let target: Target
    let parameters: FakeJSON
    let caller: Caller
    let user: FakeUser
}

extension FakeGitLab {
    /// The answer of an operation, and its effect at `now`.
    mutating func perform(_ target: Target, _ request: FakeRequest) -> FakeAnswer {
        do {
            if settings.isReadOnly, request.method != "GET" { return readOnlyRefusal(request) }
            guard let parameters = Parameters.of(request) else {
                return .error(400, "The request body is not a JSON object")
            }
            if target.operation == .triggerPipeline {
                return try triggerPipeline(target, request, parameters)
            }
            let caller = try caller(of: request, parameters, for: target.operation)
            let call = Call(
                request: request, target: target, parameters: parameters, caller: caller,
                user: user(of: caller))
            return try settings.readLag > 0 ? answerFromReplica(call) : answer(call)
        } catch {
            return error.answer
        }
    }

    /// In maintenance mode GitLab refuses API writes. It redirects a write without a JSON content type, because it does
    /// not take that for an API call (`lib/gitlab/middleware/read_only/controller.rb`).
    private func readOnlyRefusal(_ request: FakeRequest) -> FakeAnswer {
        guard request.header("Content-Type") == "application/json" else {
            return FakeAnswer(status: 301, headers: [("Location", "/")], body: [])
        }
        return .message(403, "You cannot perform write operations on a read-only instance")
    }

    /// Finds the token in the forms that GitLab takes: header, bearer, query.
    private func caller(
        of request: FakeRequest, _ parameters: FakeJSON, for operation: FakeOperation
    ) throws(Refusal) -> Caller {
        let bearer = request.header("Authorization").flatMap { text in
            text.hasPrefix("Bearer ") ? String(text.dropFirst(7)) : nil
        }
        let jobToken = request.header("JOB-TOKEN") ?? parameters["job_token"].text
        if let job = runningJob(withToken: jobToken ?? bearer) {
            guard operation.allowsJobToken else { throw Refusal(.unauthorized) }
            return .job(job)
        }
        let value = request.header("PRIVATE-TOKEN") ?? bearer ?? parameters["private_token"].text
        guard let token = settings.tokens.first(where: { $0.value == value }) else {
            throw Refusal(.unauthorized)
        }
        switch token.state {
        case .active: break
        case .expired:
            throw Refusal(
                .invalidToken("Token is expired. You can either do re-authorization or token refresh."))
        case .revoked:
            throw Refusal(.invalidToken("Token was revoked. You have to re-authorize from the user."))
        }
        if request.method != "GET", token.scope == .readAPI { throw Refusal(.insufficientScope) }
        return .user(token)
    }

    /// The index of the job to which a token belongs, while that job runs.
    func runningJob(withToken token: String?) -> Int? {
        guard let digits = token?.split(separator: "-").last, let id = Int64(digits),
            let index = index(ofJob: id), allJobs[index].token == token
        else { return nil }
        return [.running, .canceling].contains(allJobs[index].status) ? index : nil
    }

    /// A job acts as the user of its pipeline.
    private func user(of caller: Caller) -> FakeUser {
        switch caller {
        case .user(let token): token.user
        case .job(let index): pipeline(allJobs[index].pipelineID)?.user ?? FakeUser()
        }
    }

    /// The project that the path of the request names, by number or by its own path.
    func project(_ call: Call) throws(Refusal) -> FakeProject { try project(call.target, call.request) }

    func project(_ target: Target, _ request: FakeRequest) throws(Refusal) -> FakeProject {
        let id = target.parts["id"] ?? ""
        if let project = settings.projects.first(where: { String($0.id) == id || $0.path == id }) {
            return project
        }
        guard let moved = settings.projects.first(where: { $0.formerPaths.contains(id) }) else {
            throw Refusal(.message(404, "404 Project Not Found"))
        }
        throw Refusal(refusalOfMoved(moved, request))
    }

    /// The index of the pipeline that the path names. It must exist in the project.
    func pipelineIndex(_ call: Call) throws(Refusal) -> Int {
        let id = try call.target.id("pipeline_id")
        let project = try project(call)
        guard let index = index(ofPipeline: id), allPipelines[index].projectID == project.id,
            !allPipelines[index].isDeleted
        else { throw Refusal(.message(404, "404 Not found")) }
        return index
    }

    /// The index of the job that the path names. It must exist in the project.
    func jobIndex(_ call: Call) throws(Refusal) -> Int {
        let id = try call.target.id("job_id")
        let project = try project(call)
        guard let index = index(ofJob: id), let pipeline = pipeline(allJobs[index].pipelineID),
            pipeline.projectID == project.id, !pipeline.isDeleted
        else { throw Refusal(.message(404, "404 Not Found")) }
        return index
    }

    /// The same for requests that GitLab answers only for builds.
    func buildIndex(_ call: Call) throws(Refusal) -> Int {
        let index = try jobIndex(call)
        guard !allJobs[index].isBridge else { throw Refusal(.message(404, "404 Not Found")) }
        return index
    }

    func require(_ role: FakeToken.Role, _ call: Call) throws(Refusal) {
        guard call.caller.has(role) else { throw Refusal(.forbidden) }
    }

    /// To run, retry and cancel pipelines, a user needs Developer, or Maintainer on a protected branch.
    func requireRunning(on ref: String, _ call: Call) throws(Refusal) {
        let isProtected = try project(call).protectedBranches.contains(ref)
        try require(isProtected ? .maintainer : .developer, call)
    }

    /// A branch or tag stands for its newest commit.
    private func getCommit(_ call: Call) throws(Refusal) -> FakeAnswer {
        guard let sha = try project(call).head(of: call.target.parts["sha"] ?? "") else {
            throw Refusal(.message(404, "404 Commit Not Found"))
        }
        return FakeAnswer(200, ["id": .string(sha), "short_id": .string(String(sha.prefix(8)))])
    }

    mutating func answer(_ call: Call) throws(Refusal) -> FakeAnswer {
        switch call.target.operation {
        case .createPipeline: try createPipeline(call)
        case .triggerPipeline: try triggerPipeline(call.target, call.request, call.parameters)
        case .listPipelines: try listPipelines(call)
        case .getLatestPipeline: try getLatestPipeline(call)
        case .getPipeline:
            FakeAnswer(200, pipelineJSON(allPipelines[try pipelineIndex(call)], withName: true))
        case .deletePipeline: try deletePipeline(call)
        case .listPipelineVariables: try listPipelineVariables(call)
        case .updatePipelineMetadata: try updatePipelineMetadata(call)
        case .listPipelineJobs: try listPipelineJobs(call)
        case .listPipelineTriggerJobs: try listPipelineTriggerJobs(call)
        case .retryPipeline: try retryPipeline(call)
        case .cancelPipeline: try cancelPipeline(call)
        case .listProjectJobs: try listProjectJobs(call)
        case .getJob: FakeAnswer(200, jobJSON(allJobs[try buildIndex(call)]))
        case .getCurrentJob: try getCurrentJob(call)
        case .retryJob: try retryJob(call)
        case .cancelJob: try cancelJob(call)
        case .listResourceGroups, .getResourceGroup, .updateResourceGroup, .listUpcomingJobs,
            .getResourceGroupJob:
            try answerAboutResourceGroup(call)
        case .getProject: try describeProject(call)
        case .getCommit: try getCommit(call)
        case .getCurrentUser: FakeAnswer(200, fullUserJSON(call.user))
        case .getVersion:
            FakeAnswer(200, ["version": .string(settings.version), "revision": "0123456789a"])
        default: try answerAboutSite(call)
        }
    }

    /// Answers the requests of a client that wants to know beforehand what will fail.
    private mutating func answerAboutSite(_ call: Call) throws(Refusal) -> FakeAnswer {
        switch call.target.operation {
        case .getToken: try describeToken(call)
        case .getMember: try describeMember(call)
        case .getBranch: try describeBranch(call)
        case .getTag: try describeTag(call)
        case .lintFile: try lintFile(call)
        case .lintText: try lintText(call)
        case .listSchedules: try listSchedules(call)
        case .getSchedule: try describeSchedule(call)
        case .listRunners: try listRunners(call)
        case .getRunner: try describeRunner(call)
        case .listFreezes: try listFreezes(call)
        default: describeSite()
        }
    }
}
