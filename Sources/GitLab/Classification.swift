import CivilTime
import HTTP

/// Decides what an error answer of GitLab means.
extension APIFailure {
    /// The failure that an answer with a status outside 200...299 stands for.
    init(_ response: HTTPResponse, to request: HTTPRequest, hiding secrets: [Secret]) {
        let texts = AnswerWords.texts(in: response.body).map { $0.redacted(secrets) }
        let verdict = Verdict(response, texts: texts, request: request)
        let line = AnswerWords.line(texts)
        self.init(
            verdict.kind, request: request.place, status: response.status,
            message: line.isEmpty ? "no text in the answer" : line,
            advice: verdict.advice.map { $0.redacted(secrets) }, retryAfter: verdict.retryAfter)
    }
}

extension HTTPResponse {
    /// The `Date` header.
    var serverTime: Instant? { header("Date").flatMap(Instant.init(httpDate:)) }

    /// How long GitLab asks to wait: `Retry-After` in seconds or as a date, from 1 s to an hour; nil without it.
    var retryAfter: Duration? {
        guard let text = header("Retry-After") else { return nil }
        if let seconds = Int64(text.filter { $0 != " " }) { return .seconds(min(max(seconds, 1), 3_600)) }
        guard let until = Instant(httpDate: text), let now = serverTime else { return nil }
        return min(max(now.duration(to: until), .seconds(1)), .seconds(3_600))
    }
}

/// Kind, advice and wait of an error answer.
private struct Verdict {
    var kind: APIFailure.Kind
    var advice: String?
    var retryAfter: Duration?

    private init(_ kind: APIFailure.Kind, _ advice: String? = nil, after retryAfter: Duration? = nil) {
        self.kind = kind
        self.advice = advice
        self.retryAfter = retryAfter
    }

    init(_ response: HTTPResponse, texts: [String], request: HTTPRequest) {
        self =
            switch response.status {
            // The request may have reached a worker before a proxy gave up on it.
            case 408, 409, 425: Verdict(.uncertain, after: response.retryAfter)
            case 429: Verdict(.rateLimited, after: response.retryAfter ?? .seconds(60))
            case 400..<500 where !response.isGitLabs: Self.foreign(response, request)
            case 400, 422: Self.invalid(texts, request)
            case 401: Self.unauthorized(texts)
            case 403: Self.forbidden(texts, request)
            case 404: Self.notFound(texts)
            case 405: Self.notAllowed(texts)
            case 402..<500: Verdict(.refused)
            case 300..<400: Self.redirected(response)
            default: Verdict(.uncertain, after: response.retryAfter)
            }
    }

    /// The answer of a proxy, a load balancer or a firewall in GitLab's place. It counts as an outage, not as a
    /// verdict: it may replace the answer to a POST that GitLab has carried out. A proxy that asks for a login has
    /// passed nothing on.
    private static func foreign(_ response: HTTPResponse, _ request: HTTPRequest) -> Verdict {
        guard response.status != 407 else {
            return Verdict(
                .unavailable,
                "The proxy wants a login: put one into HTTPS_PROXY or HTTP_PROXY (http://user:password@proxy:3128).",
                after: response.retryAfter)
        }
        return Verdict(
            request.method == .get ? .unavailable : .uncertain,
            "This is not how GitLab's API answers: check CI_API_V4_URL (like https://gitlab.example.com/api/v4) and any proxy or firewall on the way.",
            after: response.retryAfter)
    }

    private static func invalid(_ texts: [String], _ request: HTTPRequest) -> Verdict {
        if let known = KnownAnswer.among(texts) {
            return Verdict(known.kind, known.advice, after: known.retryAfter)
        }
        guard request.isCreation else { return Verdict(.refused) }
        return Verdict(
            .refused,
            "Check the CI file of this ref in Build > Pipeline editor > Validate, and the job's variables and inputs. GitLab refuses the pipeline until you change one of them."
        )
    }

    private static func unauthorized(_ texts: [String]) -> Verdict {
        let why =
            if texts.contains(where: { $0.contains("expired") }) {
                "The token has expired"
            } else if texts.contains(where: { $0.contains("revoked") }) {
                "The token was revoked"
            } else {
                "The token is wrong, expired or missing (a protected variable exists only on protected refs)"
            }
        return Verdict(
            .unauthorized,
            "\(why): put a project access token with scope api and at least the Developer role into CI_PIPELINE_TOKEN."
        )
    }

    private static func forbidden(_ texts: [String], _ request: HTTPRequest) -> Verdict {
        if texts.contains(where: { $0.contains("not retryable") }) {
            return Verdict(.notRetryable, "It was retried already, or its pipeline is archived.")
        }
        // GitLab carried out nothing. It still answers reads (lib/gitlab/middleware/read_only/controller.rb).
        if texts.contains(where: { $0.hasPrefix("You cannot perform write operations on a read-only") }) {
            return Verdict(
                .unavailable,
                "GitLab is in maintenance mode, or this is a secondary site of it: the scheduler asks again until it takes writes."
            )
        }
        if texts.contains(where: { $0.hasPrefix("insufficient_scope") }) {
            return Verdict(.unauthorized, "CI_PIPELINE_TOKEN needs the scope api.")
        }
        let advice =
            request.path.hasSuffix("/variables")
            ? "GitLab shows variables of a pipeline to the user who created it and to Maintainers."
            : "The token's user needs at least the Developer role, and the right to merge or push to the ref. CI/CD must be on, the project must not be archived, and the user must not be blocked."
        return Verdict(.refused, advice)
    }

    private static func notFound(_ texts: [String]) -> Verdict {
        if texts.contains("404 Commit Not Found") {
            return Verdict(
                .notFound,
                "It is the name of no branch and no tag: check `ref` in the job file and CI_COMMIT_REF_NAME.")
        }
        guard texts.contains(where: { $0.contains("Project Not Found") }) else { return Verdict(.notFound) }
        return Verdict(
            .notFound,
            "The project's id or path is wrong, or the token's user is no member of it: check `project` in the job file and CI_PROJECT_ID."
        )
    }

    private static func notAllowed(_ texts: [String]) -> Verdict {
        guard texts.contains(where: { $0.hasPrefix("Non GET methods are not allowed for moved projects") })
        else { return Verdict(.refused) }
        return Verdict(
            .refused,
            "The project was renamed or moved: write its new path, or better its id, as `project` in the job file or as CI_PROJECT_ID."
        )
    }

    /// The transport does not follow redirects: the token would go to whatever host they name.
    private static func redirected(_ response: HTTPResponse) -> Verdict {
        let target = response.header("Location").map { location in
            AnswerWords.line([" to \(location.prefix { $0 != "?" })"])
        }
        return Verdict(
            .unavailable,
            "The server redirects \(target ?? "elsewhere"), and orchestrate does not follow redirects: set CI_API_V4_URL to the final address (https instead of http?)."
        )
    }
}

extension HTTPRequest {
    fileprivate var isCreation: Bool { method == .post && path.hasSuffix("/pipeline") }
}

extension HTTPResponse {
    /// What gateways say in JSON of GitLab's form. GitLab itself puts the status in front: `403 Forbidden`.
    private static let gatewayWords: Set<String> = [
        "Forbidden", "Not Found", "Unauthorized", "Method Not Allowed",
    ]

    /// Whether an error answer has the form of GitLab's own: an object with `message` or `error`.
    fileprivate var isGitLabs: Bool {
        guard let json = try? JSONReader.read(body), let words = json["message"] ?? json["error"] else {
            return false
        }
        return words.text.map { !Self.gatewayWords.contains($0) } ?? true
    }
}
