import CivilTime
import GitLab
import Scheduling
import ScriptedGitLab
import Testing

@testable import Orchestrator

/// How a POST carries the marks, and what its refusals mean.
@Suite struct CreatingTests {
    private static let version = reply(200, #"{"version":"18.5.0"}"#)
    private static let undeclared = reply(
        400,
        #"{"message":{"base":["Given inputs not defined in the `spec` section of the included configuration file: `x`"]}}"#
    )
    private static let forbidden = reply(
        400, #"{"message":{"base":["Insufficient permissions to set pipeline variables"]}}"#)

    private func body(_ server: Scripted) -> String {
        String(decoding: server.requests.last?.body ?? [], as: UTF8.self)
    }

    @Test("With inputs, the marks, the job's inputs and its variables as texts are all that is sent")
    func inputs() async throws {
        let server = Scripted([Self.version, reply(201, pipelineRow(70_001))])
        let errand = try Errand.post(mark: .inputs) {
            $0.variables = [
                .init(key: "LEVEL", value: "08"), .init(key: "Settings", value: "{}", kind: .file),
            ]
            $0.inputs = [.init(name: "number", value: .number("1.10"))]
        }
        _ = await exchange(server).answer(errand)
        #expect(
            body(server)
                == #"{"ref":"main","inputs":{"orchestrate_run_id":"nightly@2026-11-23T20:15:00Z","#
                + #""orchestrate_job_name":"nightly","number":1.10,"LEVEL":"08","Settings":"{}"}}"#)
    }

    private static let asked: [(String, String)] = [
        ("$ORCHESTRATE_RUN_ID", "nightly@2026-11-23T20:15:00Z"), ("$ORCHESTRATE_JOB_NAME", "nightly"),
        ("$ORCHESTRATE_SCHEDULED_AT", "2026-11-23T20:15:00Z"), ("$ORCHESTRATE_INSTANCE", "600001"),
        ("$ORCHESTRATE_INTERVAL_START", "2026-11-22T20:15:00Z"),
        ("$ORCHESTRATE_INTERVAL_END", "2026-11-23T20:15:00Z"),
        ("$ORCHESTRATE_RUN_ID!", "$ORCHESTRATE_RUN_ID!"),
        ("${ORCHESTRATE_RUN_ID}", "${ORCHESTRATE_RUN_ID}"), ("ORCHESTRATE_RUN_ID", "ORCHESTRATE_RUN_ID"),
        ("$HOME", "$HOME"), ("", ""),
    ]

    @Test("A value that is exactly one of six names is replaced, in inputs and in lists", arguments: asked)
    func replaces(value: String, sent: String) async throws {
        for mark in MarkKind.allCases {
            let server = Scripted([Self.version, reply(201, pipelineRow(70_001))])
            let errand = try Errand.post(mark: mark) {
                $0.inputs = [.init(name: "x", value: .array([.text(value), .boolean(true)]))]
                $0.variables = [.init(key: "V", value: value)]
            }
            _ = await exchange(server).answer(errand)
            #expect(body(server).contains(#""x":["\#(sent)",true]"#))
            // GitLab expands a variable by itself.
            let variable = mark == .inputs ? #""V":"\#(sent)""# : #"{"key":"V","value":"\#(value)"}"#
            #expect(body(server).contains(variable))
        }
    }

    @Test("A run of `trigger` covers no interval: both bounds are empty")
    func noInterval() async throws {
        let server = Scripted(201, pipelineRow(70_001))
        guard case .post(var order) = try Errand.post().request else { return }
        order.interval = nil
        _ = await exchange(server).answer(.to(.post(order)))
        #expect(body(server).contains(#"{"key":"ORCHESTRATE_INTERVAL_START","value":""}"#))
        #expect(body(server).contains(#"{"key":"ORCHESTRATE_INTERVAL_END","value":""}"#))
    }

    @Test("GitLab's refusal of the way marks travel is told from other refusals")
    func refusals() async throws {
        let variables = await exchange(Scripted([Self.forbidden])).answer(try .post()).line
        #expect(variables.contains("markRefused: Insufficient permissions to set pipeline variables."))
        #expect(variables.contains("ci_pipeline_variables_minimum_override_role"))
        let inputs = await exchange(Scripted([Self.version, Self.undeclared])).answer(
            try .post(mark: .inputs)
        ).line
        #expect(inputs.contains("markRefused: Given inputs not defined"))
        #expect(inputs.contains("orchestrate_run_id: {default: ''}, orchestrate_job_name: {default: ''}"))
        let typed = try Errand.post(mark: .inputs) {
            $0.inputs = [.init(name: "n", value: .number("1")), .init(name: "l", value: .array([]))]
        }
        let advice = await exchange(Scripted([Self.version, Self.undeclared])).answer(typed).line
        #expect(advice.contains("n: {type: number, default: 0}, l: {type: array, default: []}"))
        // With variables, the job's own input is wrong, and nothing else.
        let own = try Errand.post { $0.inputs = [.init(name: "x", value: .text(""))] }
        let refused = await exchange(Scripted([Self.version, Self.undeclared])).answer(own).line
        #expect(refused.contains(": refused: Given inputs not defined"))
    }

    @Test("A GitLab that knows no inputs takes no marks as inputs")
    func tooOld() async throws {
        let old = reply(200, #"{"version":"17.9.8"}"#)
        let marks = await exchange(Scripted([old])).answer(try .post(mark: .inputs)).line
        #expect(marks.contains("markRefused: not sent: this GitLab is 17.9.8, and knows no inputs"))
        let own = try Errand.post { $0.inputs = [.init(name: "x", value: .text(""))] }
        let refused = await exchange(Scripted([old])).answer(own).line
        #expect(refused.contains(": refused: not sent: this GitLab is 17.9.8, and knows no inputs"))
    }

    @Test("A successor's pipeline has its mark alone, and a pipeline gets its run id as its name")
    func others() async {
        let server = Scripted([Self.version, reply(201, pipelineRow(70_001)), reply(200, "{}")])
        let exchange = exchange(server)
        _ = await exchange.answer(
            .to(.startSuccessor(project: "7", ref: "main", of: 600_001, mark: .inputs)))
        #expect(body(server) == #"{"ref":"main","inputs":{"orchestrate_successor_of":"600001"}}"#)
        let named = await exchange.answer(.to(.name(nightly, project: "7", pipeline: 70_001)))
        #expect(server.requests.lines.last == "PUT /projects/7/pipelines/70001/metadata")
        #expect(body(server) == #"{"name":"orchestrate nightly@2026-11-23T20:15:00Z"}"#)
        #expect(named.line == "named nightly@2026-11-23T20:15:00Z: done")
    }

    @Test(
        "A survey tells how the newest pipeline with a run id in its name was made", arguments: [true, false])
    func newestNamed(hasVariables: Bool) async {
        let server = Scripted { request in
            guard request.path.hasSuffix("/variables") else {
                return page([
                    pipelineRow(3), pipelineRow(2, name: "orchestrate nightly@2026-11-23T20:15:00Z"),
                    pipelineRow(1, name: "orchestrate nightly@2026-11-22T20:15:00Z"),
                ])
            }
            let isMarked = hasVariables && request.path.contains("/2/")
            return page(isMarked ? [#"{"key":"ORCHESTRATE_RUN_ID","value":"\#(nightly)"}"#] : [])
        }
        let errand = Errand.to(.survey(project: "7", since: fireTime, changed: false, asksMark: true))
        let newest = await exchange(server).answer(errand).search?.newestNamed
        #expect(newest?.pipeline == 2 && newest?.kind == (hasVariables ? .variables : .inputs))
        let unasked = await exchange(server).answer(.survey()).search
        #expect(unasked?.newestNamed == nil)
    }
}
