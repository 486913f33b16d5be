import Cron
import GitLab
import Scheduling

/// Effects in, events out: the one place where the scheduler's words meet GitLab's.
struct Exchange: Sendable {
    let client: GitLabClient
    /// The project of the own CI job.
    let project: String

    /// Performs one effect and says what came of it; nil for effects that have no answer.
    func answer(_ effect: Effect) async -> Event? {
        switch effect {
        case .post(let order): .posted(order.run, await create(order))
        case .search(let project, let runs, let since):
            .searched(project: project, await search(project, runs, since))
        case .list(let project, let changedAfter):
            .listed(project: project, await list(project, changedAfter))
        case .look(let id, let project, let pipeline):
            .looked(
                id,
                await ask { () async throws(APIFailure) in
                    Sighting(try await client.pipeline(project: project, id: pipeline))
                })
        case .listJobs(let id, let project, let pipeline):
            .jobsListed(
                id,
                await ask { () async throws(APIFailure) in
                    try await client.pipelineJobs(project: project, pipeline: pipeline, includeRetried: true)
                        .map(CIJob.init)
                })
        case .retry(let id, let project, let jobs): .retried(id, await retry(project, jobs))
        case .cancel(let id, let project, let pipeline):
            .canceled(
                id,
                await ask { () async throws(APIFailure) in
                    try await client.cancelPipeline(project: project, id: pipeline)
                })
        case .identify(let job):
            .identified(
                await ask { () async throws(APIFailure) in
                    Instance(try await client.job(project: project, id: job))
                })
        case .listInstances(let above): .instancesListed(await instances(above: above))
        case .prune, .log, .finish: nil
        }
    }

    private func ask<Value>(_ request: () async throws(APIFailure) -> Value) async -> Answer<Value> {
        do throws(APIFailure) {
            return .success(try await request())
        } catch {
            return .failure(Trouble(error))
        }
    }

    private func create(_ order: Order) async -> Answer<Scheduling.Pipeline> {
        await ask { () async throws(APIFailure) in
            let row = try await client.createPipeline(project: order.project, PipelineOrder(order))
            return Pipeline(id: row.id, url: row.webURL ?? "")
        }
    }

    private func list(_ project: String, _ changedAfter: Instant) async -> Answer<Listing> {
        await ask { () async throws(APIFailure) in
            let query = PipelineQuery(source: "api", updatedAfter: changedAfter.microseconds)
            let answer = try await client.pipelines(project: project, query)
            return Listing(
                sightings: answer.rows.map(Sighting.init),
                serverTime: answer.serverTime.map(Instant.init(microseconds:)))
        }
    }

    private func retry(_ project: String, _ jobs: [Int64]) async -> Answer<Void> {
        for job in jobs {
            let answer = await ask { () async throws(APIFailure) in
                do throws(APIFailure) {
                    _ = try await client.retryJob(project: project, id: job)
                } catch {
                    // A job is retried at most once under its id: somebody, perhaps this instance, did.
                    guard error.kind == .notRetryable else { throw error }
                }
            }
            guard case .success = answer else { return answer }
        }
        return .success(())
    }

    private func instances(above: Int64?) async -> Answer<[Instance]> {
        await ask { () async throws(APIFailure) in
            try await client.runningJobs(
                project: project, scopes: ["running", "waiting_for_resource"], downTo: above ?? 0
            ).map(Instance.init)
        }
    }

    private func search(_ project: String, _ runs: [RunID], _ since: Instant) async -> Answer<Search> {
        await ask { () async throws(APIFailure) in
            let query = PipelineQuery(source: "api", createdAfter: since.microseconds)
            let answer = try await client.pipelines(project: project, query)
            let wanted = Dictionary(
                runs.map { ($0.description, $0) }, uniquingKeysWith: { first, _ in first })
            var found: [RunID: [Sighting]] = [:]
            var unnamed: [PipelineRow] = []
            for row in answer.rows {
                if let id = row.name.flatMap({ Marks.runID(inName: $0) }) {
                    if let run = wanted[id] { found[run, default: []].append(Sighting(row)) }
                } else {
                    unnamed.append(row)
                }
            }
            for row in unnamed {
                guard let run = try await mark(of: row, in: project).flatMap({ wanted[$0] }) else { continue }
                found[run, default: []].append(Sighting(row))
            }
            return Search(
                found: found, isComplete: answer.isComplete,
                serverTime: answer.serverTime.map(Instant.init(microseconds:)))
        }
    }

    /// The run id in a pipeline's variables. Those of a pipeline that somebody else created may be closed to this
    /// token; then it is none of ours, because the creator may read them.
    private func mark(of row: PipelineRow, in project: String) async throws(APIFailure) -> String? {
        do throws(APIFailure) {
            return try await client.variables(project: project, pipeline: row.id)[Marks.runID]
        } catch {
            guard error.kind == .refused || error.kind == .notFound else { throw error }
            return nil
        }
    }
}
