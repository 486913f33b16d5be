import CivilTime
import GitLab
import ScriptedGitLab
import Testing

/// Lists over several pages, however the server pages.
@Suite struct PagingTests {
    private func row(_ id: Int, created: String = "2026-01-15T03:00:00Z", updated: String? = nil) -> String {
        #"{"id":\#(id),"status":"running","created_at":"\#(created)","updated_at":"\#(updated ?? created)"}"#
    }

    private func job(_ id: Int) -> String { #"{"id":\#(id),"name":"scheduler","status":"running"}"# }

    private func next(_ query: String) -> [(name: String, value: String)] {
        [
            (
                "link",
                "<https://elsewhere.example.com/x?page=1>; rel=\"first\", <https://elsewhere.example.com/x?\(query)>; rel=\"next\""
            )
        ]
    }

    @Test func linksAreFollowedByTheirQueryAlone() async throws {
        let server = Scripted([
            page([job(9), job(8)], next("cursor=eyJ%3D+x&per_page=2&scope%5B%5D=running")),
            page(
                [job(7)],
                [
                    ("Link", "<https://e/x?page=1>; rel=\"first\"")
                ]),
        ])
        let jobs = try await server.client().runningJobs(project: "1", scopes: ["running"], downTo: nil).rows
        #expect(jobs.map(\.id) == [9, 8, 7])
        #expect(
            server.requests.last?.target
                == "/projects/1/jobs?cursor=eyJ%3D%20x&per_page=2&scope%5B%5D=running")
    }

    @Test func pageNumbersWithoutLinks() async throws {
        let server = Scripted([
            page([row(3)], [("X-Next-Page", "2")]), page([row(2)], [("x-next-page", "3")]),
            page([row(1)], [("X-Next-Page", "")]),
        ])
        let list = try await server.client().pipelines(project: "1", PipelineQuery())
        #expect(list.rows.map(\.id) == [3, 2, 1])
        #expect(list.isComplete)
        #expect(server.requests.last?.target.hasSuffix("&per_page=100&page=3") == true)
    }

    @Test func fullPagesWithoutAnyHeader() async throws {
        let server = Scripted([page((101...200).reversed().map { row($0) }), page([row(100)])])
        let list = try await server.client().pipelines(project: "1", PipelineQuery())
        #expect(list.rows.count == 101)
        #expect(server.requests.last?.target.hasSuffix("&page=2") == true)
    }

    /// A keyset list ends without a link. If the client asked for its second page by number, GitLab would send the
    /// first page again.
    @Test func aFullLastPageOfAKeysetListIsTheLast() async throws {
        let server = Scripted([page((101...200).reversed().map { job($0) }), page([])])
        let list = try await server.client().newestJobs(project: "1", downTo: nil, maximumPages: 30)
        #expect(list.rows.count == 100 && list.isComplete)
        #expect(
            server.requests.map(\.target) == [
                "/projects/1/jobs?pagination=keyset&order_by=id&sort=desc&per_page=100",
                "/projects/1/jobs?order_by=id&sort=desc&per_page=100&page=2",
            ])
    }

    /// New pipelines push old ones to the next page while the client reads pages.
    @Test func movedRowsCountOnce() async throws {
        let server = Scripted([page([row(3), row(2)], next("page=2")), page([row(2), row(1)])])
        let list = try await server.client().pipelines(project: "1", PipelineQuery())
        #expect(list.rows.map(\.id) == [3, 2, 1])
    }

    @Test func jobsStopAtTheOwnID() async throws {
        let server = Scripted([page([job(9), job(5), job(4)], next("page=2")), page([job(3)])])
        let jobs = try await server.client().runningJobs(project: "1", scopes: ["running"], downTo: 5).rows
        #expect(jobs.map(\.id) == [9, 5])
        #expect(server.requests.count == 1)
    }

    @Test func jobsReachTheOwnIDOnALaterPage() async throws {
        let server = Scripted([
            page([job(9)], next("page=2")), page([job(8), job(5), job(4)], next("page=3")),
        ])
        let jobs = try await server.client().runningJobs(project: "1", scopes: ["running"], downTo: 5).rows
        #expect(jobs.map(\.id) == [9, 8, 5])
        #expect(server.requests.count == 2)
    }

    /// The jobs of former instances, down to the last known one and some more.
    @Test(arguments: [(0, [9, 5]), (2, [9, 5, 4, 3]), (9, [9, 5, 4, 3, 2])] as [(Int, [Int64])])
    func jobsBelowAnID(below: Int, expected: [Int64]) async throws {
        let server = Scripted([
            page([job(9), job(5), job(4)], next("page=2")), page([job(3), job(2)]),
        ])
        let list = try await server.client().newestJobs(
            project: "1", downTo: 5, below: below, maximumPages: 30)
        #expect(list.rows.map(\.id) == expected)
    }

    /// Servers before 18 ignore `created_after`, so the client stops and filters by itself.
    @Test func timeBoundsHoldOnOldServers() async throws {
        let bound = Instant(seconds: 1_768_446_000)  // 2026-01-15T03:00:00Z
        let rows = [row(3), row(2, created: "2026-01-15T02:59:59Z"), row(1)]
        let byID = Scripted([page(rows, next("page=2"))])
        let created = PipelineQuery(createdAfter: bound)
        #expect(try await byID.client().pipelines(project: "1", created).rows.map(\.id) == [3])
        let unsorted = Scripted([page(rows)])
        let updated = PipelineQuery(updatedAfter: bound)
        #expect(try await unsorted.client().pipelines(project: "1", updated).rows.map(\.id) == [3, 1])
    }

    @Test func filtersHoldOnServersThatIgnoreThem() async throws {
        let rows = [
            #"{"id":4,"status":"running","name":"n","source":"api","ref":"main"}"#,
            #"{"id":3,"status":"running"}"#,
            #"{"id":2,"status":"running","name":"n","source":"push","ref":"main"}"#,
        ]
        let query = PipelineQuery(source: "api")
        let list = try await Scripted([page(rows)]).client().pipelines(project: "1", query)
        #expect(list.rows.map(\.id) == [4, 3])
    }

    @Test func theBoundOnPagesIsTold() async throws {
        let server = Scripted([page([row(9)], next("page=2")), page([row(8)], next("page=3"))])
        let list = try await server.client().pipelines(project: "1", PipelineQuery(maximumPages: 2))
        #expect(list.rows.map(\.id) == [9, 8])
        #expect(!list.isComplete)
    }

    /// The client leaves a server whose pages never end, or repeat themselves, after a bounded number of requests.
    @Test func endlessJobs() async throws {
        let server = Scripted((1...300).map { _ in page([job(9)], next("page=2")) })
        let failure = await failure { () async throws(APIFailure) in
            try await server.client().pipelineJobs(project: "1", pipeline: 2)
        }
        #expect(failure?.kind == .malformed)
        #expect(server.requests.count == 200)
    }

    @Test func serverTimeIsThatOfTheFirstPage() async throws {
        let dates = ["Thu, 15 Jan 2026 03:01:00 GMT", "Thu, 15 Jan 2026 03:01:07 GMT"]
        let server = Scripted([
            page([row(2)], next("page=2") + [("Date", dates[0])]), page([row(1)], [("Date", dates[1])]),
        ])
        let list = try await server.client().pipelines(project: "1", PipelineQuery())
        #expect(list.serverTime == Instant(seconds: 1_768_446_060))
    }

    @Test func aFailureOnALaterPageIsAFailure() async throws {
        let server = Scripted([page([job(9)], next("page=2")), .failure(.noAnswer("cut"))])
        let failure = await failure { () async throws(APIFailure) in
            try await server.client().pipelineJobs(project: "1", pipeline: 2)
        }
        #expect(failure?.kind == .uncertain)
    }

    @Test(arguments: ["{}", #"[{"id":1}]"#, "[1]", #"{"message":"x"}"#])
    func strangeLists(body: String) async throws {
        let failure = await failure { () async throws(APIFailure) in
            try await Scripted(200, body).client().pipelines(project: "1", PipelineQuery())
        }
        #expect(failure?.kind == .malformed)
    }
}
