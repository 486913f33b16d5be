/// Lists of CI jobs, and requests about a single job.
extension FakeGitLab {
    func listPipelineJobs(_ call: Call) throws(Refusal) -> FakeAnswer {
        let scope = try Self.scope(call.parameters)
        let page = try Page(call, settings)
        let withRetried = call.parameters["include_retried"].bool ?? false
        let pipeline = allPipelines[try pipelineIndex(call)]
        let jobs = pipeline.jobIDs.reversed().compactMap(job).filter { job in
            !job.isBridge && (withRetried || !job.isRetried) && scope?.contains(job.status) ?? true
        }
        return FakeAnswer(
            200, .array(page.rows(of: jobs).map(jobJSON)), headers: page.headers(total: jobs.count))
    }

    /// `GET /projects/:id/jobs`: newest id first, without totals, by page number or by keyset.
    mutating func listProjectJobs(_ call: Call) throws(Refusal) -> FakeAnswer {
        let scope = try Self.scope(call.parameters)
        let page = try Page(call, settings)
        let project = try project(call)
        if limits.isPassed(settings.jobListsPerMinute, by: "jobs \(call.user.id)", at: now) {
            throw Refusal(.tooManyRequestsOfEndpoint)
        }
        let isKeyset = call.parameters["pagination"].text == "keyset"
        let cursor = call.parameters["cursor"].text.flatMap(Cursor.init)
        let ref = call.parameters["ref"].text
        let skipped = isKeyset ? 0 : page.skipped
        var found: [FakeJob] = []
        for job in allJobs[..<places(before: cursor)].reversed() {
            guard !job.isBridge, scope?.contains(job.status) ?? true, let pipeline = pipeline(job.pipelineID),
                pipeline.projectID == project.id, !pipeline.isDeleted, ref ?? pipeline.ref == pipeline.ref
            else { continue }
            found.append(job)
            if found.count > skipped + page.size { break }
        }
        let rows = found.dropFirst(skipped).prefix(page.size)
        let hasNext = found.count > skipped + page.size
        guard isKeyset else {
            return FakeAnswer(200, .array(rows.map(jobJSON)), headers: page.headers(hasNext: hasNext))
        }
        let headers = hasNext ? rows.last.map { page.keysetHeaders(lastID: $0.id) } : nil
        return FakeAnswer(200, .array(rows.map(jobJSON)), headers: headers ?? [])
    }

    /// How many jobs come before a cursor; all of them without a cursor.
    private func places(before cursor: Cursor?) -> Int {
        guard let cursor else { return allJobs.count }
        let (place, overflow) = cursor.id.subtractingReportingOverflow(settings.firstJobID)
        guard !overflow else { return 0 }
        return Int(max(0, min(place, Int64(allJobs.count))))
    }

    /// `scope=running`, `scope[]=running&scope[]=pending`; nil if there is none.
    static func scope(_ parameters: FakeJSON) throws(Refusal) -> Set<FakeStatus>? {
        let sent = parameters["scope"]
        guard !sent.isNull else { return nil }
        let names = sent.text.map { [$0] } ?? sent.elements.map { $0.text ?? "" }
        let statuses = names.compactMap(FakeStatus.init(rawValue:))
        guard statuses.count == names.count, !names.isEmpty else {
            throw Refusal(.error(400, "scope does not have a valid value"))
        }
        return Set(statuses)
    }

    /// `GET /job`: the job whose token was sent.
    func getCurrentJob(_ call: Call) throws(Refusal) -> FakeAnswer {
        guard case .job(let index) = call.caller else { throw Refusal(.message(404, "404 Job Not Found")) }
        return FakeAnswer(200, jobJSON(allJobs[index]))
    }

    /// Retries a build or a trigger job. Each job id can be retried only once, because the new job has a new id.
    mutating func retryJob(_ call: Call) throws(Refusal) -> FakeAnswer {
        let index = try jobIndex(call)
        try requireRunning(on: pipeline(allJobs[index].pipelineID)?.ref ?? "", call)
        // This comes first, so that a refused request counts too.
        let key = "retry \(call.user.id) \(allJobs[index].id)"
        if limits.isPassed(settings.jobRetriesPerMinute, by: key, at: now) {
            throw Refusal(.tooManyJobRetries)
        }
        let isOver = [.success, .failed, .canceled, .canceling].contains(allJobs[index].status)
        guard isOver, isRetryable(allJobs[index]) else {
            throw Refusal(.message(403, "403 Forbidden - Job is not retryable"))
        }
        let new = allJobs[retry(jobAt: index)]
        return FakeAnswer(201, new.isBridge ? bridgeJSON(new) : jobJSON(new))
    }

    mutating func cancelJob(_ call: Call) throws(Refusal) -> FakeAnswer {
        let index = try buildIndex(call)
        try requireRunning(on: pipeline(allJobs[index].pipelineID)?.ref ?? "", call)
        let isForced = call.parameters["force"].bool ?? false
        if allJobs[index].status == .canceling, isForced, call.caller.has(.maintainer) {
            setStatus(.canceled, ofJobAt: index)
        } else if isCancelable(allJobs[index].status) {
            cancel(jobAt: index)
        }
        return FakeAnswer(201, jobJSON(allJobs[index]))
    }
}
