/// Counts per key and minute of the clock, as GitLab's limiters do. Refused requests count too, and all counts start
/// again at the full minute (`period_key` in `lib/gitlab/application_rate_limiter.rb`).
struct MinuteLimits: Sendable {
    private var counts: [String: (minute: Int64, count: Int)] = [:]

    static let minute: Int64 = 60 * Timestamp.second

    /// Counts one more for a key and returns the count of this minute.
    mutating func count(_ key: String, at time: Int64) -> Int {
        let minute = time / Self.minute
        let before = counts[key].map { $0.minute == minute ? $0.count : 0 } ?? 0
        counts[key] = (minute, before + 1)
        return before + 1
    }

    /// Counts one more for a key and says whether that is too many. A limit of 0 admits everything.
    mutating func isPassed(_ limit: Int, by key: String, at time: Int64) -> Bool {
        count(key, at: time) > limit && limit > 0
    }
}

extension FakeGitLab {
    /// The plain-text 429 of Rack::Attack, when the token has used up its minute. Every request counts.
    mutating func refusalByRackAttack(_ request: FakeRequest) -> FakeAnswer? {
        let token =
            request.header("PRIVATE-TOKEN") ?? request.header("JOB-TOKEN") ?? request.header("Authorization")
        requestsInMinute = limits.count("requests \(token ?? "")", at: now)
        guard settings.requestsPerMinute > 0, requestsInMinute > settings.requestsPerMinute else {
            return nil
        }
        return tooManyRequests(retryAfter: max(1, (endOfMinute - now) / Timestamp.second))
    }

    /// Rack::Attack's answer, with the seconds that a client has to wait.
    func tooManyRequests(retryAfter seconds: Int64) -> FakeAnswer {
        let headers = [
            ("Content-Type", "text/plain"), ("Date", Timestamp.httpDate(shownTime)),
            ("Retry-After", String(seconds)),
            ("RateLimit-ResetTime", Timestamp.httpDate(endOfMinute)),
        ]
        return FakeAnswer(
            status: 429, headers: headers + rateLimitHeaders(isUsedUp: true),
            body: Array("Retry later\n".utf8))
    }

    /// The time in the `Date` header of an answer.
    var shownTime: Int64 { now + settings.dateAhead }

    /// An answer with the headers that every answer of GitLab carries.
    func finished(_ answer: FakeAnswer) -> FakeAnswer {
        var answer = answer
        answer.headers.append(("Date", Timestamp.httpDate(shownTime)))
        guard !settings.isBrief else { return answer }
        answer.headers += [
            ("X-Request-Id", requestID),
            ("Cache-Control", "max-age=0, private, must-revalidate"), ("Vary", "Origin"),
            ("X-Frame-Options", "SAMEORIGIN"),
        ]
        answer.headers += rateLimitHeaders(isUsedUp: false)
        return answer
    }

    private func rateLimitHeaders(isUsedUp: Bool) -> [(String, String)] {
        let limit = settings.requestsPerMinute > 0 ? settings.requestsPerMinute : 2_000
        let observed = isUsedUp ? max(requestsInMinute, limit + 1) : requestsInMinute
        return [
            ("RateLimit-Name", "throttle_authenticated_api"), ("RateLimit-Limit", String(limit)),
            ("RateLimit-Observed", String(observed)),
            ("RateLimit-Remaining", String(max(0, limit - observed))),
            ("RateLimit-Reset", String(endOfMinute / Timestamp.second)),
        ]
    }

    private var endOfMinute: Int64 { (now / MinuteLimits.minute + 1) * MinuteLimits.minute }

    /// 26 characters that differ from request to request and are the same in every replay.
    private var requestID: String {
        let number = String(requestsSeen, radix: 32, uppercase: true)
        return "01FAKE" + String(repeating: "0", count: max(0, 20 - number.count)) + number
    }
}
