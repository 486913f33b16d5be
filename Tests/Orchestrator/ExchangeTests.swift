import GitLab
import Scheduling
import ScriptedGitLab
import Testing

@testable import Orchestrator

/// The exchange turns each errand into its HTTP requests, and GitLab's answer into an event.
@Suite struct ExchangeTests {
    private static let sighting =
        "70001 https://gitlab.test/p/70001 going main 2026-11-23T20:15:01Z 2026-11-23T20:15:30Z"

    /// Performs one errand. Returns the requests and the event.
    private func perform(_ errand: Errand, _ answers: Reply...) async -> (requests: [String], event: String) {
        let server = Scripted(answers)
        let event = await exchange(server).answer(errand)
        return (server.requests.lines, event.line)
    }

    @Test(
        "No POST leaves when the time to send it is over; the last moment counts as over",
        arguments: [
            (.zero, true), (.microseconds(29_999_999), true), (.seconds(30), false), (.seconds(900), false),
        ] as [(Duration, Bool)])
    func sendWithin(elapsed: Duration, leaves: Bool) async throws {
        let server = Scripted(201, pipelineRow(70_001))
        let decided = Duration.seconds(400_000)
        let errand = try Errand.post(sendWithin: .seconds(30), decidedAt: decided)
        let event = await exchange(server, uptime: decided + elapsed).answer(errand)
        #expect(server.requests.count == (leaves ? 1 : 0))
        let words =
            leaves
            ? "70001 https://gitlab.test/p/70001"
            : "unavailable: not sent: the lease of this instance was over"
        #expect(event.line == "posted nightly@2026-11-23T20:15:00Z: \(words)")
    }

    @Test("A POST carries the job's variables and inputs, and the marks of the run")
    func post() async throws {
        let server = Scripted([reply(200, #"{"version":"18.5.0"}"#), reply(201, pipelineRow(70_001))])
        let errand = try Errand.post {
            $0.variables = [
                .init(key: "LEVEL", value: "08"), .init(key: "SETTINGS", value: "{}", kind: .file),
            ]
            $0.inputs = [
                .init(name: "text", value: .text("x")), .init(name: "number", value: .number("1.10")),
                .init(name: "dry", value: .boolean(true)),
                .init(name: "list", value: .array([.text("a"), .number("2")])),
            ]
        }
        _ = await exchange(server).answer(errand)
        #expect(server.requests.lines == ["GET /version", "POST /projects/7/pipeline"])
        #expect(
            String(decoding: server.requests.last?.body ?? [], as: UTF8.self)
                == #"{"ref":"main","variables":[{"key":"LEVEL","value":"08"},"#
                + #"{"key":"SETTINGS","value":"{}","variable_type":"file"},"#
                + #"{"key":"ORCHESTRATE_JOB","value":"true"},{"key":"ORCHESTRATE_JOB_NAME","value":"nightly"},"#
                + #"{"key":"ORCHESTRATE_RUN_ID","value":"nightly@2026-11-23T20:15:00Z"},"#
                + #"{"key":"ORCHESTRATE_SCHEDULED_AT","value":"2026-11-23T20:15:00Z"},"#
                + #"{"key":"ORCHESTRATE_INSTANCE","value":"600001"},"#
                + #"{"key":"ORCHESTRATE_INTERVAL_START","value":"2026-11-22T20:15:00Z"},"#
                + #"{"key":"ORCHESTRATE_INTERVAL_END","value":"2026-11-23T20:15:00Z"}],"#
                + #""inputs":{"text":"x","number":1.10,"dry":true,"list":["a",2]}}"#)
    }

    @Test("A search reads what was created since, and keeps every run that it finds")
    func search() async {
        let rows = [
            pipelineRow(3, name: "orchestrate nightly@2026-11-23T20:15:00Z"),
            pipelineRow(2, name: "orchestrate other@2026-11-23T20:15:00Z"),
            pipelineRow(1, name: "orchestrate nightly@2026-11-23T20:15:00Z"),
        ]
        let (requests, event) = await perform(.search([nightly]), page(rows, [date]))
        #expect(
            requests == [
                "GET /projects/7/pipelines?source=api&created_after=2026-11-23T20%3A15%3A00.000Z"
                    + "&order_by=id&sort=desc&per_page=100"
            ])
        #expect(
            event
                == "searched 7: nightly@2026-11-23T20:15:00Z [3 1], other@2026-11-23T20:15:00Z [2], complete, "
                + "2026-11-23T20:16:00Z")
    }

    @Test("A survey keeps every run, of what was created or of what changed", arguments: [true, false])
    func survey(changed: Bool) async {
        let rows = [
            pipelineRow(3, name: "orchestrate nightly@2026-11-23T20:15:00Z"),
            pipelineRow(2, name: "orchestrate other@2026-11-23T20:15:00Z"),
        ]
        let (requests, event) = await perform(.survey(changed: changed), page(rows, [date]))
        #expect(
            requests == [
                "GET /projects/7/pipelines?source=api&\(changed ? "updated" : "created")_after="
                    + "2026-11-23T20%3A15%3A00.000Z&order_by=id&sort=desc&per_page=100"
            ])
        #expect(
            event
                == "surveyed 7: nightly@2026-11-23T20:15:00Z [3], other@2026-11-23T20:15:00Z [2], complete, "
                + "2026-11-23T20:16:00Z")
    }

    @Test("A list reads what changed, and the run ids in names")
    func list() async {
        let named = pipelineRow(70_001, name: "orchestrate nightly@2026-11-23T20:15:00Z")
        let (requests, event) = await perform(.list, page([named], [date]))
        #expect(
            requests == [
                "GET /projects/7/pipelines?source=api&updated_after=2026-11-23T20%3A15%3A00.000Z"
                    + "&order_by=id&sort=desc&per_page=100"
            ])
        #expect(
            event == "listed 7: \(Self.sighting) nightly@2026-11-23T20:15:00Z, 2026-11-23T20:16:00Z")
    }

    @Test("A look reads one pipeline; listed jobs include the retried ones")
    func looks() async {
        let look = await perform(.look, reply(200, pipelineRow(70_001)))
        #expect(look.requests == ["GET /projects/7/pipelines/70001"])
        #expect(look.event == "looked nightly@2026-11-23T20:15:00Z: \(Self.sighting)")
        let rows = [jobRow(12, "failed"), jobRow(11, "failed", #","allow_failure":true"#)]
        let jobs = await perform(.listJobs, page(rows), page([]))
        #expect(
            jobs.requests == [
                "GET /projects/7/pipelines/70001/jobs?include_retried=true&per_page=100",
                "GET /projects/7/pipelines/70001/bridges?per_page=100",
            ])
        #expect(
            jobs.event
                == "jobsListed nightly@2026-11-23T20:15:00Z: 12 orchestrate failed, 11 orchestrate failed may fail"
        )
    }

    @Test("Cancel, identify and a successor: the own CI job is looked up in the own project")
    func others() async {
        let cancel = await perform(.cancel, reply(200))
        #expect(cancel.requests == ["POST /projects/7/pipelines/70001/cancel"])
        #expect(cancel.event == "canceled nightly@2026-11-23T20:15:00Z: done")
        let times = #","ref":"main","created_at":"2026-11-23T20:00:00Z","started_at":"2026-11-23T20:01:00Z""#
        let identify = await perform(.identify, reply(200, jobRow(600_001, "running", times)))
        #expect(identify.requests == ["GET /projects/1/jobs/600001"])
        #expect(
            identify.event
                == "identified: 600001 orchestrate main 2026-11-23T20:00:00Z 2026-11-23T20:01:00Z running")
        let server = Scripted(201, pipelineRow(70_002))
        let event = await exchange(server).answer(.startSuccessor)
        #expect(server.requests.lines == ["POST /projects/7/pipeline"])
        #expect(
            String(decoding: server.requests.first?.body ?? [], as: UTF8.self)
                == #"{"ref":"main","variables":[{"key":"ORCHESTRATE_SUCCESSOR_OF","value":"600001"}]}"#)
        #expect(event.line == "successorStarted: 70002 https://gitlab.test/p/70002")
    }

    @Test("Instances are the running and the waiting jobs down to an id, or all of them")
    func instances() async {
        let target =
            "GET /projects/1/jobs?scope%5B%5D=running&scope%5B%5D=waiting_for_resource&pagination=keyset"
            + "&order_by=id&sort=desc&per_page=100"
        let rows = [600_003, 600_001, 600_000].map { jobRow($0) }
        for (above, expected) in [
            (600_001, "600003, 600001"), (nil, "600003, 600001, 600000"),
        ] as [(Int64?, String)] {
            let (requests, event) = await perform(.listInstances(above: above), page(rows, [date]))
            #expect(requests == [target])
            #expect(event == "instancesListed: \(expected), complete, 2026-11-23T20:16:00Z")
        }
    }

    @Test("Former instances: all jobs but the own one, a hundred below the last instance, or thirty pages")
    func former() async {
        // Job ids from 600,010 down, a hundred a page, without an end.
        let server = Scripted { request in
            let number = request.query.first { $0.name == "page" }.flatMap { Int64($0.value) } ?? 1
            let newest = 600_010 - 100 * (number - 1)
            return page((0..<100).map { jobRow(newest - $0, "success") })
        }
        let roster = await exchange(server).answer(.listFormer(downTo: 599_950)).roster
        let expected = (Int64(599_850)...600_010).reversed().filter { $0 != 600_001 }
        #expect(roster?.instances.map(\.id) == expected && roster?.isComplete == true)
        #expect(server.requests.count == 2)
        #expect(
            server.requests.lines.first
                == "GET /projects/1/jobs?pagination=keyset&order_by=id&sort=desc&per_page=100")
        let all = await exchange(server).answer(.listFormer(downTo: nil)).roster
        #expect(all?.instances.count == 2_999 && all?.isComplete == false)
        #expect(server.requests.count == 2 + 30)
    }
}
