import CivilTime
import FakeGitLab
import GitLab
import HTTP
import ScriptedGitLab

/// Requests between processes and GitLab.
struct Travels {
    /// Requests without an answer so far, by number.
    var underWay: [Int: Wire.Departure] = [:]
    private var count = 0

    mutating func begin(_ departure: Wire.Departure) -> Int {
        count += 1
        underWay[count] = departure
        return count
    }
}

/// What is unreachable, and until when.
struct Outages {
    /// GitLab as a whole.
    var gitlab = Instant.distantPast
    /// The jobs API, which lists the instances.
    var jobs = Instant.distantPast
    /// All requests that pass the proxy.
    var proxy = Instant.distantPast
    /// The network of one process.
    var lives: [Int: Instant] = [:]
    /// The disk of one process, which accepts no commit.
    var disks: [Int: Instant] = [:]

    func cut(_ life: Int, _ request: HTTPRequest, at now: Instant) -> Bool {
        now < max(gitlab, lives[life] ?? .distantPast) || (now < jobs && request.isListOfInstances)
    }
}

extension Simulation {
    static let token = "fake-token"
    /// More requests than this in a minute are too many, even if a scheduler has to read the variables of some hundred
    /// pipelines.
    private static let flood = 1_000

    func depart(_ departure: Wire.Departure) {
        let life = lives[departure.life]
        guard life.state == .running, !life.isDying || life.hasLastRequests else {
            return departure.resume(.failure(.noAnswer("the process is gone")))
        }
        let number = travels.begin(departure)
        guard !departure.request.path.hasPrefix(Receivers.path) else { return reach(number, departure) }
        record.requests += 1
        if departure.request.isCreation { judgePost(of: life) }
        life.minute = life.minute.since.duration(to: now) < .seconds(60) ? life.minute : (now, 0)
        life.minute.requests += 1
        if life.minute.requests == Self.flood { complain("\(name(of: life)) floods GitLab with requests") }
        _ = isKilled(life, at: .hasSent)
        let there = latency(of: departure.request)
        tell("\(name(of: life)) sends \(number): \(departure.request.place)")
        let sentAt = now
        plan(after: there) { $0.arrive(number, departure, sentAt: sentAt) }
    }

    /// A channel takes the request, or not.
    private func reach(_ number: Int, _ departure: Wire.Departure) {
        tell("\(name(of: lives[departure.life])) sends \(number): \(departure.request.place)")
        _ = isKilled(lives[departure.life], at: .hasSent)
        let calm = isCalm || scenario.kind.isCalm
        guard let (answer, delay) = receivers.take(departure.request, at: now, isCalm: calm) else {
            let hung = Duration.seconds(10)
            return self.answer(number, after: hung, .failure(.noAnswer("no answer in time")))
        }
        self.answer(number, after: delay, answer)
    }

    /// The proxy answers in place of GitLab, before or after GitLab has handled the request.
    private func proxyAnswer(to departure: Wire.Departure, _ life: Life) -> FakeAnswer? {
        guard now < outages.proxy else { return nil }
        let status = random.pick([403, 404, 405, 406, 407, 423], or: 403)
        if departure.request.method == .post, status != 407, random.chance(1, in: 3) {
            _ = gitlab.respond(
                to: FakeRequest(departure.request, token: Self.token), at: now.microseconds)
        }
        return .proxy(status)
    }

    private func latency(of request: HTTPRequest) -> Duration {
        if scenario.kind.isTold { return .milliseconds(40) }
        if scenario.hasFaults && !isCalm && random.chance(1, in: 200) { return random.seconds(1...20) }
        return random.milliseconds(3...(request.isCreation ? 700 : 250))
    }

    /// The request reaches GitLab, even if its process has died meanwhile.
    private func arrive(_ number: Int, _ departure: Wire.Departure, sentAt: Instant) {
        let life = lives[departure.life]
        guard !outages.cut(life.number, departure.request, at: now) else {
            record.faults += 1
            let isRefused = random.chance(1, in: 2)
            return answer(
                number, after: isRefused ? .zero : .seconds(random.chance(1, in: 2) ? 1 : 10),
                .failure(isRefused ? .notSent("connection refused") : .noAnswer("the connection was cut")))
        }
        if let runID = departure.request.runID { judgeTwin(runID, sentAt: sentAt) }
        let before = gitlab.allPipelines.count
        let outcome =
            proxyAnswer(to: departure, life).map { .answer($0, after: 0) }
            ?? gitlab.respond(to: FakeRequest(departure.request, token: Self.token), at: now.microseconds)
        tell("\(number) \(outcome.words)")
        for pipeline in gitlab.allPipelines[before...] {
            tell("pipeline \(pipeline.id) of \(pipeline.runID ?? "")")
            let isPrompt = departure.request.isCreation && pipeline.createdAt == now.microseconds
            if isPrompt { record.sentAt[pipeline.id] = sentAt } else { record.belated.insert(pipeline.id) }
        }
        if departure.request.isCreation { record.posts += 1 }
        let back = latency(of: departure.request)
        switch outcome {
        case .answer(let answer, let delay) where answer.status >= 400 && answer.isCut:
            record.faults += 1
            // The real client notices by the length that the body is incomplete.
            self.answer(number, after: back + .microseconds(delay), .failure(.noAnswer("the answer was cut")))
        case .answer(let answer, let delay):
            if answer.status >= 300 { record.faults += 1 }
            let isProof = departure.request.isListOfInstances && answer.status == 200
            let seen = isProof ? successors(of: life) : [:]
            self.answer(number, after: back + .microseconds(delay), .success(HTTPResponse(answer))) {
                guard isProof else { return }
                life.heard(of: seen, askedAt: sentAt)
            }
        case .cut(let delay):
            record.faults += 1
            answer(number, after: back + .microseconds(delay), .failure(.noAnswer("the connection was cut")))
        case .hang:
            record.faults += 1
            answer(number, after: departure.request.deadline, .failure(.noAnswer("no answer in time")))
        }
        _ = isKilled(life, at: .isCarriedOut)
    }

    private func answer(
        _ number: Int, after delay: Duration, _ answer: Wire.Answer, then: @escaping () -> Void = {}
    ) {
        plan(after: delay) { simulation in
            guard let departure = simulation.travels.underWay.removeValue(forKey: number) else { return }
            then()
            departure.resume(answer)
        }
    }

    /// A process has ended and does not wait for its answers any more. Its requests still reach GitLab.
    func abandonRequests(of life: Life) {
        let numbers = travels.underWay.filter { $0.value.life == life.number }.keys.sorted()
        for number in numbers {
            travels.underWay.removeValue(forKey: number)?.resume(.failure(.noAnswer("the process is gone")))
        }
        executor.drain()
    }
}

extension HTTPRequest {
    var isCreation: Bool { method == .post && path.hasSuffix("/pipeline") }
    /// The run id in a request for a pipeline.
    var runID: String? {
        guard isCreation, let body else { return nil }
        let text = String(decoding: body, as: UTF8.self)
        for beginning in [#""key":"ORCHESTRATE_RUN_ID","value":""#, #""orchestrate_run_id":""#] {
            let parts = text.split(separator: beginning, omittingEmptySubsequences: false)
            if parts.count == 2 { return String(parts[1].prefix { $0 != "\"" }) }
        }
        return nil
    }
    var isListOfInstances: Bool { method == .get && path.hasSuffix("/jobs") && !path.contains("/pipelines/") }
}

extension FakeOutcome {
    fileprivate var words: String {
        switch self {
        case .answer(let answer, _): "is answered \(answer.status)"
        case .cut: "is cut"
        case .hang: "hangs"
        }
    }
}

extension FakeAnswer {
    fileprivate var isCut: Bool { header("Content-Type") == "application/json" && json == .null }
}
