import CivilTime
import GitLab
import Scheduling
import Text

/// Requests in, events out: the one place where the scheduler's words meet GitLab's.
struct Exchange: Sendable {
    /// Pages of a hundred CI jobs to read in search of former instances: the jobs of all pipelines are among them. Where
    /// they do not reach back to the last instance, the ledger is not taken to be complete.
    private static let pagesOfFormer = 30
    /// CI jobs to read beyond the last instance: an older one may have had its runner later.
    private static let formerBelow = 100

    let client: GitLabClient
    /// Brings messages to channels.
    var deliver: @Sendable (Parcel) async -> Delivery = { _ in .failed("there are no channels") }
    var beat: @Sendable () async -> Delivery = { .failed("there is no heartbeat") }
    /// The project of the own CI job.
    let project: String
    /// The time since the machine began. A POST is checked against it once more before it leaves, because the process may
    /// have been stopped since the scheduler decided the POST.
    let uptime: @Sendable () -> Duration
    private let marks = MarkReader()
    private let projects = ProjectIDs()
    let inputSupport = InputSupport()

    /// Makes one request and says what came of it.
    func answer(_ errand: Errand) async -> Event {
        switch errand.request {
        case .post(let order):
            .posted(
                order.run,
                await ask(
                    order.project, try await create(order, in: located(order.project), errand.decidedAt)))
        case .search(let project, _, let since):
            .searched(
                project: project,
                await ask(
                    project, try await search(located(project), .init(source: "api", createdAfter: since))))
        case .survey(let project, let since, let changed, let asksMark):
            .surveyed(
                project: project,
                await ask(
                    project,
                    try await search(
                        located(project),
                        changed
                            ? .init(source: "api", updatedAfter: since)
                            : .init(source: "api", createdAfter: since), asksMark: asksMark)))
        case .list(let project, let changedAfter):
            .listed(project: project, await ask(project, try await list(located(project), changedAfter)))
        case .look(let id, let project, let pipeline):
            .looked(
                id,
                await ask(
                    project, Sighting(try await client.pipeline(project: located(project), id: pipeline))))
        case .listJobs(let id, let project, let pipeline):
            .jobsListed(id, await ask(project, try await jobs(located(project), of: pipeline)))
        case .retry(let id, let project, let jobs):
            .retried(id, await ask(project, try await retry(located(project), jobs)))
        case .cancel(let id, let project, let pipeline):
            .canceled(
                id,
                await ask(project, try await client.cancelPipeline(project: located(project), id: pipeline)))
        case .name(let id, let project, let pipeline):
            .named(
                id,
                await ask(
                    project,
                    try await client.rename(
                        project: located(project), pipeline: pipeline, to: Marks.name(for: id))))
        case .verify(let project, let ref):
            .verified(
                project: project, ref: ref,
                await ask(project, try await client.findCommit(project: located(project), ref: ref)))
        case .identify(let job):
            .identified(
                await ask(project, Instance(try await client.job(project: located(project), id: job))))
        case .startSuccessor(let project, let ref, let own, let mark):
            .successorStarted(
                await ask(project, try await startSuccessor(located(project), ref, of: own, mark)))
        case .listFormer(let own, let last):
            .formerListed(await ask(project, try await former(located(project), besides: own, downTo: last)))
        case .listInstances(let above):
            .instancesListed(await ask(project, try await instances(located(project), above: above)))
        case .deliver(let parcel): .delivered(parcel, await deliver(parcel))
        case .beat: .beaten(await beat())
        }
    }

    /// Requests name a project by its id, which stays when the project moves.
    private func located(_ project: String) async throws(APIFailure) -> String {
        try await projects.id(of: project, client)
    }

    private func ask<Value>(
        _ project: String, _ request: @autoclosure () async throws(APIFailure) -> Value
    ) async -> Answer<Value> {
        do throws(APIFailure) {
            return .success(try await request())
        } catch {
            guard error.isAbsentProject, projects.forget(project) else { return .failure(Trouble(error)) }
            return .failure(.unavailable("\(project) may be another project by now: \(error.words)"))
        }
    }

    private func list(_ project: String, _ changedAfter: Instant) async throws(APIFailure) -> Listing {
        let query = PipelineQuery(source: "api", updatedAfter: changedAfter)
        let answer = try await client.pipelines(project: project, query)
        return Listing(sightings: answer.rows.map(Sighting.init), serverTime: answer.serverTime)
    }

    /// The CI jobs of a pipeline: builds, retried ones included, and the latest of each trigger job.
    private func jobs(_ project: String, of pipeline: Int64) async throws(APIFailure) -> [CIJob] {
        let builds = try await client.pipelineJobs(project: project, pipeline: pipeline)
        let triggers = try await client.triggerJobs(project: project, pipeline: pipeline)
        return builds.map { CIJob($0) } + triggers.map { CIJob($0, isTrigger: true) }
    }

    /// Returns the jobs that GitLab did not start again.
    private func retry(_ project: String, _ jobs: [Int64]) async throws(APIFailure) -> [Int64] {
        var left: [Int64] = []
        for job in jobs {
            do throws(APIFailure) {
                _ = try await client.retryJob(project: project, id: job)
            } catch {
                // GitLab retries each id of a CI job once: a person was first, or GitLab never retries this job.
                guard error.kind == .notRetryable else { throw error }
                left.append(job)
            }
        }
        return left
    }

    private func instances(_ project: String, above: Int64?) async throws(APIFailure) -> Roster {
        Roster(
            try await client.runningJobs(
                project: project, scopes: ["running", "waiting_for_resource"], downTo: above ?? 0))
    }

    private func former(
        _ project: String, besides own: Int64, downTo last: Int64?
    ) async throws(APIFailure) -> Roster {
        var list = try await client.newestJobs(
            project: project, downTo: last ?? 0, below: Self.formerBelow, maximumPages: Self.pagesOfFormer)
        list.rows.removeAll { $0.id == own }
        return Roster(list)
    }

    /// The pipelines by the run ids they carry.
    private func search(
        _ project: String, _ query: PipelineQuery, asksMark: Bool = false
    ) async throws(APIFailure) -> Search {
        let answer = try await client.pipelines(project: project, query)
        let marked = try await marks.read(answer.rows, of: project, client)
        var found: [RunID: [Sighting]] = [:]
        for (id, row) in marked.runs {
            found[id, default: []].append(Sighting(row))
        }
        var search = Search(
            found: found, isComplete: answer.isComplete && marked.isComplete, serverTime: answer.serverTime)
        search.closed = marked.closed
        if asksMark { search.newestNamed = try await marks.newestNamed(answer.rows, of: project, client) }
        return search
    }
}
