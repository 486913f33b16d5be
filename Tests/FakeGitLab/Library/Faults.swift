/// Something that goes wrong on purpose: what becomes of a request in GitLab, and what the client gets to
/// see. The two are apart because that is what makes a lost answer hard.
public struct FakeFault: Sendable {
    /// What becomes of the request in GitLab.
    public enum Effect: Sendable, Equatable {
        /// It never arrives.
        case none
        /// It takes effect at once, as without the fault.
        case now
        /// It takes effect so many microseconds later: GitLab works on after the client was told of an error.
        /// Its true answer is not known in time, so `Reply.real` becomes a 504.
        case late(microseconds: Int64)
    }

    /// What the client gets to see.
    public enum Reply: Sendable {
        /// The true answer; without an effect there is none, and it becomes a 502.
        case real
        case canned(FakeAnswer)
        /// The plain-text 429 with `Retry-After`.
        case tooManyRequests(retryAfter: Int64)
        /// The connection is cut without an answer.
        case cut
        /// No answer ever.
        case hang
        /// The true answer, its body cut in half.
        case truncated
        /// The true answer without its body.
        case empty
        /// The true status, with a page of HTML for a body.
        case wrongContentType
    }

    /// The operation it strikes; nil is any.
    public var operation: FakeOperation?
    /// It strikes only requests with this text in path, query or body.
    public var containing: String?
    public var effect: Effect
    public var reply: Reply
    /// Microseconds until the client sees the reply.
    public var delay: Int64 = 0
    /// So many fitting requests pass before it strikes.
    public var skip = 0
    /// How often it strikes; nil is for ever.
    public var times: Int?
    /// From 0 to 1, decided by the seed of the settings.
    public var probability = 1.0

    public init(
        on operation: FakeOperation? = nil, effect: Effect, reply: Reply, times: Int? = 1,
        containing: String? = nil
    ) {
        self.operation = operation
        self.effect = effect
        self.reply = reply
        self.times = times
        self.containing = containing
    }

    /// An error answer with GitLab's, or its proxy's, usual body: 500, 502 (HTML), 503, 504 (HTML), …
    public static func status(
        _ status: Int, on operation: FakeOperation? = nil, effect: Effect = .none, times: Int? = 1
    ) -> FakeFault {
        FakeFault(on: operation, effect: effect, reply: .canned(.usual(status)), times: times)
    }

    /// The connection is cut; with an effect of `.now` the answer alone is lost.
    public static func cut(
        on operation: FakeOperation? = nil, effect: Effect = .none, times: Int? = 1
    ) -> FakeFault {
        FakeFault(on: operation, effect: effect, reply: .cut, times: times)
    }

    /// No answer ever comes.
    public static func hang(
        on operation: FakeOperation? = nil, effect: Effect = .none, times: Int? = 1
    ) -> FakeFault {
        FakeFault(on: operation, effect: effect, reply: .hang, times: times)
    }

    /// The true answer, late by so many microseconds; the effect is at once.
    public static func slow(
        by delay: Int64, on operation: FakeOperation? = nil, times: Int? = 1
    ) -> FakeFault {
        var fault = FakeFault(on: operation, effect: .now, reply: .real, times: times)
        fault.delay = delay
        return fault
    }

    /// The 400 of the pipeline-creation limit, without counting anything.
    public static func tooManyPipelines(times: Int? = 1) -> FakeFault {
        FakeFault(on: .createPipeline, effect: .none, reply: .canned(.tooManyPipelines), times: times)
    }

    public static func tooManyRequests(
        retryAfter seconds: Int64, on operation: FakeOperation? = nil, times: Int? = 1
    ) -> FakeFault {
        FakeFault(on: operation, effect: .none, reply: .tooManyRequests(retryAfter: seconds), times: times)
    }

    /// A pipeline that GitLab refuses to make, for a reason of its own words.
    public static func refuses(_ reason: String, times: Int? = 1) -> FakeFault {
        FakeFault(on: .createPipeline, effect: .none, reply: .canned(.base(400, reason)), times: times)
    }

    func fits(_ operation: FakeOperation, _ request: FakeRequest) -> Bool {
        (self.operation == nil || self.operation == operation) && containing.map(request.contains) ?? true
    }
}

extension FakeGitLab {
    /// Adds a fault behind those that are there: the first that fits and strikes decides.
    public mutating func add(_ fault: FakeFault) { faults.append(fault) }

    public mutating func removeFaults() { faults = [] }

    /// The fault that strikes this request, which uses it up by one.
    mutating func takeFault(for operation: FakeOperation, _ request: FakeRequest) -> FakeFault? {
        for index in faults.indices where faults[index].fits(operation, request) {
            if faults[index].skip > 0 {
                faults[index].skip -= 1
                continue
            }
            guard isStruck(by: faults[index]) else { continue }
            let fault = faults[index]
            if let times = fault.times { faults[index].times = times - 1 }
            if faults[index].times == 0 { faults.remove(at: index) }
            return fault
        }
        return nil
    }

    private mutating func isStruck(by fault: FakeFault) -> Bool {
        fault.probability >= 1 || Double.random(in: 0..<1, using: &random) < fault.probability
    }

    /// What the client sees of a fault; `real` is the true answer, when the effect has happened.
    func outcome(of fault: FakeFault, real: FakeAnswer?) -> FakeOutcome {
        let isLate = fault.effect != .none && real == nil
        let answer = real ?? (isLate ? .gatewayTimeout : .badGateway)
        switch fault.reply {
        case .real: return .answer(answer, after: fault.delay)
        case .canned(let canned): return .answer(dated(canned), after: fault.delay)
        case .tooManyRequests(let seconds):
            return .answer(tooManyRequests(retryAfter: seconds), after: fault.delay)
        case .cut: return .cut(after: fault.delay)
        case .hang: return .hang
        case .truncated:
            return .answer(answer.with(Array(answer.body.prefix(answer.body.count / 2))), after: fault.delay)
        case .empty: return .answer(answer.with([]), after: fault.delay)
        case .wrongContentType:
            let page = FakeAnswer.badGateway
            return .answer(
                FakeAnswer(status: answer.status, headers: page.headers, body: page.body), after: fault.delay)
        }
    }

    /// A proxy's page has a date, and none of the headers that GitLab adds.
    private func dated(_ answer: FakeAnswer) -> FakeAnswer {
        if answer.header("Content-Type") == "application/json" { return finished(answer) }
        var answer = answer
        answer.headers.append(("Date", Timestamp.httpDate(shownTime)))
        return answer
    }
}

extension FakeAnswer {
    fileprivate func with(_ body: [UInt8]) -> FakeAnswer {
        FakeAnswer(status: status, headers: headers, body: body)
    }
}
