import FakeGitLab
import Testing

@Suite struct FakeGitLabSentenceTests {
    /// A request of the kind that GitLab answers with a sentence.
    private func request(_ operation: FakeOperation) -> FakeRequest {
        switch operation {
        case .retryJob: FakeRequest("POST", base + "/jobs/500101/retry", token: token)
        case .listPipelines: FakeRequest("GET", base + "/pipelines", token: token)
        case .listProjectJobs: FakeRequest("GET", base + "/jobs", token: token)
        default: FakeRequest("POST", base + "/pipeline", token: token, json: ["ref": "main"])
        }
    }

    @Test("B: GitLab's sentences come in GitLab's form", arguments: FakeSentence.allCases)
    func says(sentence: FakeSentence) throws {
        var gitlab = fake()
        gitlab.create(["FAKE_FAILURES": "1"])
        gitlab.add(.says(sentence))
        let outcome = gitlab.respond(to: request(sentence.operation), at: start + 10 * second)
        let answer = try #require(outcome.answer)
        let text = sentence.rawValue
        switch answer.status {
        case 400: #expect(answer.json == ["message": ["base": [.string(text)]]])
        case 403, 429: #expect(answer.json == ["message": .string(text)])
        default: #expect(answer.status == 405)
        }
        #expect(gitlab.pipelines.count == 1 && gitlab.allJobs.count == 1)
        #expect(answer.header("Date") != nil && answer.header("Retry-After") == nil)
        let after = gitlab.respond(to: request(sentence.operation), at: start + 11 * second).answer
        #expect((200...201).contains(after?.status ?? 0))
    }

    @Test(
        "B: which sentence has which status",
        arguments: [
            (FakeSentence.readOnlyInstance, 403), (.movedProject, 405), (.tooManyJobRetries, 429),
            (.noKeysetPagination, 405), (.offsetTooLarge, 405), (.commitNotFound, 400),
            (.undefinedError, 400),
        ])
    func statuses(sentence: FakeSentence, status: Int) {
        #expect(sentence.answer.status == status)
        #expect(FakeSentence.allCases.count { $0.answer.status != 400 } == 5)
    }

    @Test("B: pagination is refused as error, moved projects as message")
    func forms() {
        for sentence in [FakeSentence.noKeysetPagination, .offsetTooLarge] {
            #expect(sentence.answer.json == ["error": .string(sentence.rawValue)])
        }
        #expect(FakeSentence.movedProject.answer.json["message"].text == FakeSentence.movedProject.rawValue)
    }

    @Test("B: steering can make GitLab say a sentence")
    func steering() {
        var gitlab = fake()
        func steer(_ sentence: String) -> Int? {
            let body: FakeJSON = ["operation": "createPipeline", "sentence": .string(sentence)]
            return gitlab.steer(FakeRequest("POST", "/fake/faults", json: body), at: start)?.status
        }
        #expect(steer("commitNotFound") == 201)
        #expect(steer("nonsense") == 400)
        let answer = gitlab.send("POST", "/pipeline", ["ref": "main"])
        #expect(answer.json["message"]["base"][0].text == "Commit not found")
    }
}
