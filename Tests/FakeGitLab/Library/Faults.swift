/// A deliberate fault: what the request does in GitLab, and what the client sees. The two are separate, because the
/// hard case is a request that takes effect while its answer is lost.
public struct FakeFault: Sendable {
    /// What the request does in GitLab.
    public enum Effect: Sendable, Equatable {
        /// It never arrives.
        case none
        /// It takes effect at once, as without the fault.
        case now
        /// It takes effect this many microseconds later: GitLab works on after the client got an error. Its true answer
        /// is not known in time, so `Reply.real` becomes a 504.
        case late(microseconds: Int64)
    }

    /// What the client sees.
    public enum Reply: Sendable {
        /// The true answer. Without an effect there is none, and this becomes a 502.
        case real
        case canned(FakeAnswer)
        /// The plain-text 429 with `Retry-After`.
        case tooManyRequests(retryAfter: Int64)
        /// The connection is cut without an answer.
        case cut
        /// No answer ever comes.
        case hang
        /// The true answer with half of its body.
        case truncated
        /// The true answer without its body.
        case empty
        /// The true status with an HTML page as its body.
        case wrongContentType
    }

    /// The operation that the fault strikes; nil: any.
    public var operation: FakeOperation?
    /// The fault strikes only requests with this text in path, query or body.
    public var containing: String?
    public var effect: Effect
    public var reply: Reply
    /// Microseconds until the client sees the reply.
    public var delay: Int64 = 0
    /// This many matching requests pass before the fault strikes.
    public var skip = 0
    /// How often the fault strikes; nil: always.
    public var times: Int?
    /// From 0 to 1. The seed of the settings decides.
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

    /// An error answer with the usual body of GitLab or of its proxy: 500, 502 (HTML), 503, 504 (HTML), …
    public static func status(
        _ status: Int, on operation: FakeOperation? = nil, effect: Effect = .none, times: Int? = 1
    ) -> FakeFault {
        FakeFault(on: operation, effect: effect, reply: .canned(.usual(status)), times: times)
    }

    /// The connection is cut. With the effect `.now`, only the answer is lost.
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

    /// The true answer, late by this many microseconds. The effect comes at once.
    public static func slow(
        by delay: Int64, on operation: FakeOperation? = nil, times: Int? = 1
    ) -> FakeFault {
        var fault = FakeFault(on: operation, effect: .now, reply: .real, times: times)
        fault.delay = delay
        return fault
    }

    /// The 400 of the pipeline-creation limit. It counts nothing.
    public static func tooManyPipelines(times: Int? = 1) -> FakeFault {
        FakeFault(on: .createPipeline, effect: .none, reply: .canned(.tooManyPipelines), times: times)
    }

    public static func tooManyRequests(
        retryAfter seconds: Int64, on operation: FakeOperation? = nil, times: Int? = 1
    ) -> FakeFault {
        FakeFault(on: operation, effect: .none, reply: .tooManyRequests(retryAfter: seconds), times: times)
    }

    /// GitLab refuses to create a pipeline, with this reason.
    public static func refuses(_ reason: String, times: Int? = 1) -> FakeFault {
        FakeFault(on: .createPipeline, effect: .none, reply: .canned(.base(400, reason)), times: times)
    }

    func fits(_ operation: FakeOperation, _ request: FakeRequest) -> Bool {
        (self.operation == nil || self.operation == operation) && containing.map(request.contains) ?? true
    }
}

extension FakeGitLab {
    /// Adds a fault after the existing ones. The first one that matches and strikes decides.
    public mutating func add(_ fault: FakeFault) { faults.append(fault) }

    public mutating func removeFaults() { faults = [] }

    /// Finds the fault that strikes this request, and counts the strike.
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

    /// What the client sees of a fault. `real` is the true answer, if the effect has happened.
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

    /// A proxy's page has a date, but none of the headers that GitLab adds.
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
