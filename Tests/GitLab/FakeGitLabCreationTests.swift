import FakeGitLab
import Testing

@Suite struct FakeGitLabCreationTests {
    static let refusals: [(FakeJSON, Int, String)] = [
        ([:], 400, #"{"error":"ref is missing"}"#),
        (["ref": "nowhere"], 400, #"{"message":{"base":["Reference not found"]}}"#),
        (["ref": "main", "variables": "A=b"], 400, #"{"error":"variables is invalid"}"#),
        (["ref": "main", "inputs": [1]], 400, #"{"error":"inputs is invalid"}"#),
        (
            ["ref": "main", "variables": [["key": "A", "value": "b", "variable_type": "secret"]]], 400,
            #"{"error":"variables[0][variable_type] does not have a valid value"}"#
        ),
        (
            ["ref": "main", "variables": [["key": "A"], ["key": "A"]]], 400,
            #"{"message":{"base":["Duplicate variable name: A"]}}"#
        ),
        (
            ["ref": "main", "variables": [["key": "A"], ["key": "B"], ["key": "B"], ["key": "A"]]], 400,
            #"{"message":{"base":["Duplicate variable names: A, B"]}}"#
        ),
        (
            ["ref": "main", "variables": [["key": "not a name"]]], 400,
            #"{"message":{"variables.key":["can contain only letters, digits and '_'."]}}"#
        ),
    ]

    @Test(arguments: refusals)
    func refuses(body: FakeJSON, status: Int, text: String) {
        var gitlab = fake()
        let answer = gitlab.send("POST", "/pipeline", body)
        #expect(answer.status == status)
        #expect(answer.text == text)
        #expect(gitlab.pipelines.isEmpty)
    }

    @Test func takesVariablesAsJSONQueryOrForm() {
        var gitlab = fake()
        let pairs =
            "ref=main&variables[][key]=A&variables[][value]=1%202&variables[][key]=B&variables[][value]=x"
        let form = FakeRequest(
            method: "POST", target: base + "/pipeline",
            headers: [
                ("private-token", token), ("Content-Type", "application/x-www-form-urlencoded"),
            ], body: Array(pairs.utf8))
        _ = gitlab.respond(to: FakeRequest("POST", base + "/pipeline?" + pairs, token: token), at: start)
        _ = gitlab.respond(to: form, at: start)
        gitlab.create(["A": "1 2", "B": "x"])
        let wanted = [FakeVariable(key: "A", value: "1 2"), FakeVariable(key: "B", value: "x")]
        #expect(gitlab.pipelines.map(\.variables) == [wanted, wanted, wanted])
    }

    @Test(arguments: [
        ("orchestrate $ORCHESTRATE_RUN_ID", "orchestrate x@1"), ("${ORCHESTRATE_RUN_ID}!", "x@1!"),
        ("$NOTHING", nil), (nil, nil),
    ])
    func namesPipelines(template: String?, name: String?) {
        var gitlab = fake { $0.nameTemplate = template }
        let id = gitlab.create(["ORCHESTRATE_RUN_ID": "x@1"])
        #expect(gitlab.pipeline(id)?.name == name)
        #expect(gitlab.pipeline(id)?.runID == "x@1")
    }

    @Test(
        "The CI file names pipelines by variables, or by inputs",
        arguments: [
            ("orchestrate $ORCHESTRATE_RUN_ID", "orchestrate x@1", "orchestrate x@1"),
            ("orchestrate $[[ inputs.orchestrate_run_id ]]", "orchestrate x@1", "orchestrate"),
        ])
    func namesByMarks(template: String, byInputs: String, byVariables: String) {
        var gitlab = fake { $0.nameTemplate = template }
        let made = gitlab.send("POST", "/pipeline", ["ref": "main", "inputs": ["orchestrate_run_id": "x@1"]])
        #expect(made.status == 201 && gitlab.pipelines[0].name == byInputs)
        #expect(gitlab.pipelines[0].runID == "x@1")
        let other = gitlab.create(["ORCHESTRATE_RUN_ID": "x@1"])
        #expect(gitlab.pipeline(other)?.name == byVariables)
    }

    @Test func inputsThatTheCIFileDoesNotDeclareAreRefused() {
        var gitlab = fake { $0.projects[0].facts.ciFile?.inputs = ["level"] }
        let refused = gitlab.send(
            "POST", "/pipeline", ["ref": "main", "inputs": ["a": 1, "level": 2, "b": 3]])
        let text =
            "Given inputs not defined in the `spec` section of the included configuration file: `a`, `b`"
        #expect(refused.status == 400 && refused.json["message"]["base"][0].text == text)
        #expect(gitlab.send("POST", "/pipeline", ["ref": "main", "inputs": ["level": 2]]).status == 201)
    }

    @Test func inputsCanBeRequired() {
        var gitlab = fake { $0.requiredInputs = ["report"] }
        let refused = gitlab.send("POST", "/pipeline", ["ref": "main", "inputs": [:]])
        let text = "`report` input: required value has not been provided"
        #expect(refused.json["message"]["base"][0].text == text)
        let made = gitlab.send("POST", "/pipeline", ["ref": "main", "inputs": ["report": "x", "level": 3]])
        #expect(made.status == 201)
        #expect(gitlab.pipelines[0].inputs == ["report": "x", "level": 3])
    }

    @Test func variablesCanBeForbidden() {
        var gitlab = fake { $0.projects[0].variablesRole = "no_one_allowed" }
        let text = "Insufficient permissions to set pipeline variables"
        let refused = gitlab.send("POST", "/pipeline", ["ref": "main", "variables": [["key": "A"]]])
        #expect(refused.json["message"]["base"][0].text == text)
        #expect(gitlab.send("POST", "/pipeline", ["ref": "main", "inputs": ["a": 1]]).status == 201)
        let trigger: FakeJSON = ["ref": "main", "token": "fake-trigger-token"]
        #expect(gitlab.send("POST", "/trigger/pipeline", trigger).json["message"]["base"][0].text == text)
    }

    @Test func triggerTokensAndJobTokensMakePipelines() throws {
        var gitlab = fake()
        let instance = gitlab.startInstance(at: start)
        let job = try #require(instance.flatMap(gitlab.job))
        let variables: FakeJSON = ["A": "b"]
        for (token, source) in [("fake-trigger-token", "trigger"), (job.token, "pipeline")] {
            let body: FakeJSON = ["ref": "main", "token": .string(token), "variables": variables]
            #expect(gitlab.send("POST", "/trigger/pipeline", body, token: nil).json["source"].text == source)
        }
        #expect(gitlab.pipelines[0].variables.map(\.key) == ["A", "TRIGGER_PAYLOAD"])
        let wrong: FakeJSON = ["ref": "main", "token": "fake-token"]
        #expect(gitlab.send("POST", "/trigger/pipeline", wrong).status == 404)
    }
}
