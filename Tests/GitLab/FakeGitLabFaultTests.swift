import FakeGitLab
import Testing

@Suite struct FakeGitLabFaultTests {
    /// A fault, what the client sees of it, and how many pipelines there are at once and after ten seconds.
    @Test(arguments: [
        (FakeFault.status(500), "500 {\"message\":\"500", 0, 0), (.status(502), "502 <html>", 0, 0),
        (.status(504, effect: .now), "504 <html>", 1, 1),
        (.status(504, effect: .late(microseconds: 5 * second)), "504 <html>", 0, 1),
        (.cut(), "cut", 0, 0), (.cut(effect: .now), "cut", 1, 1),
        (.cut(effect: .late(microseconds: second)), "cut", 0, 1), (.hang(), "hang", 0, 0),
        (.hang(effect: .now), "hang", 1, 1), (.slow(by: 7), "201 {\"id\":70001", 1, 1),
        (.tooManyPipelines(), "400 {\"message\":{\"base\":[\"Too many", 0, 0),
        (.tooManyRequests(retryAfter: 9), "429 Retry later", 0, 0),
        (.refuses("No."), "400 {\"message\":{\"base\":[\"No.\"]}}", 0, 0),
        (FakeFault(effect: .now, reply: .empty), "201 ", 1, 1),
        (FakeFault(effect: .now, reply: .truncated), "201 {\"id\":70001", 1, 1),
        (FakeFault(effect: .now, reply: .wrongContentType), "201 <html>", 1, 1),
        (FakeFault(effect: .none, reply: .real), "502 <html>", 0, 0),
    ])
    func effectsAndRepliesAreApart(fault: FakeFault, seen: String, atOnce: Int, later: Int) {
        var gitlab = fake()
        gitlab.add(fault)
        let request = FakeRequest("POST", base + "/pipeline", token: token, json: ["ref": "main"])
        let outcome = gitlab.respond(to: request, at: start)
        #expect(told(outcome).hasPrefix(seen))
        #expect(gitlab.pipelines.count == atOnce)
        gitlab.advance(to: start + 10 * second)
        #expect(gitlab.pipelines.count == later)
        if case .late(let delay) = fault.effect { #expect(gitlab.pipelines[0].createdAt == start + delay) }
        #expect(gitlab.respond(to: request, at: start + 11 * second).answer?.status == 201)
    }

    private func told(_ outcome: FakeOutcome) -> String {
        switch outcome {
        case .answer(let answer, _): "\(answer.status) " + answer.text
        case .cut: "cut"
        case .hang: "hang"
        }
    }

    @Test func aTruncatedAnswerIsNotJSON() {
        var gitlab = fake()
        gitlab.add(FakeFault(on: .createPipeline, effect: .now, reply: .truncated))
        #expect(gitlab.send("POST", "/pipeline", ["ref": "main"]).json.isNull)
    }

    @Test func faultsAreAimedAndUsedUp() {
        var gitlab = fake()
        var fault = FakeFault.status(503, on: .createPipeline, times: 2)
        fault.skip = 1
        fault.containing = "nightly"
        gitlab.add(fault)
        let made = ["nightly", "weekly", "nightly", "nightly", "nightly"].map {
            gitlab.create(["JOB": $0]) > 0
        }
        #expect(made == [true, true, false, false, true])
        #expect(gitlab.send("GET", "/pipelines").status == 200)
        #expect(gitlab.faults.isEmpty)
        #expect(gitlab.requestCounts == [.createPipeline: 5, .listPipelines: 1])
    }

    @Test func effectsAtOneInstantKeepTheirOrder() {
        var gitlab = fake()
        for delay in [3 * second, 2 * second, second] {
            gitlab.add(.status(504, on: .createPipeline, effect: .late(microseconds: delay)))
        }
        for seconds in [0.0, 1, 2] { gitlab.create(["AT": "\(Int(seconds))"], at: seconds) }
        gitlab.advance(to: start + 3 * second)
        #expect(gitlab.pipelines.map { $0.variable("AT") } == ["0", "1", "2"])
        #expect(gitlab.pipelines.allSatisfy { $0.createdAt == start + 3 * second })
    }

    @Test func chanceComesFromTheSeed() {
        func outcomes(_ seed: UInt64) -> [Bool] {
            var gitlab = fake { $0.seed = seed }
            var fault = FakeFault.status(500, times: nil)
            fault.probability = 0.3
            gitlab.add(fault)
            return (0..<200).map { _ in gitlab.create() > 0 }
        }
        #expect(outcomes(7) == outcomes(7))
        #expect(outcomes(7) != outcomes(8))
        #expect((40...80).contains(outcomes(7).count { !$0 }))
    }
}
