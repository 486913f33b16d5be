/// Why GitLab did not do what a request asked for, and what to do next.
public struct APIFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable, CaseIterable {
        /// GitLab said no, for good: another try changes nothing until a person acts.
        case refused
        /// The project forbids pipeline variables to the token's role: nothing was created.
        case variablesForbidden
        /// The CI file does not take the inputs that were sent: nothing was created.
        case inputsRefused
        /// The token is missing, wrong, expired, revoked or lacks a scope. A person has to replace it.
        case unauthorized
        /// The thing does not exist, or the token may not see it.
        case notFound
        /// The CI job was retried already, or cannot be retried.
        case notRetryable
        /// Too many requests, or too many pipelines. GitLab did nothing; ask again after `retryAfter`.
        case rateLimited
        /// A limit of GitLab's plan on what runs at the same time. GitLab did nothing; ask again later.
        case limited
        /// GitLab hit a fault that may be over in a moment, and did nothing. Ask again, but not forever.
        case faulty
        /// GitLab certainly did not carry out the request. Ask again, at growing intervals.
        case unavailable
        /// GitLab may have carried out the request. Reconcile before sending a POST again.
        case uncertain
        /// A success whose answer cannot be read. GitLab carried out the POST: reconcile.
        case malformed
    }

    public var kind: Kind
    /// Method and path of the request.
    public var request: String
    /// The HTTP status; nil: there was no answer.
    public var status: Int?
    /// GitLab's own words, or how the request ended: one line of at most about 300 characters.
    public var message: String
    /// What a person can do about it, for known cases.
    public var advice: String?
    /// How long to wait before the next try, if GitLab or a known limit says so.
    public var retryAfter: Duration?

    public init(
        _ kind: Kind, request: String, status: Int? = nil, message: String, advice: String? = nil,
        retryAfter: Duration? = nil
    ) {
        self.kind = kind
        self.request = request
        self.status = status
        self.message = message
        self.advice = advice
        self.retryAfter = retryAfter
    }

    /// The project does not exist, or the token may not see it.
    public var isAbsentProject: Bool { kind == .notFound && message == "404 Project Not Found" }

    /// Message and advice, for a ledger row or a log line.
    public var words: String {
        advice.map { "\(message.hasSuffix(".") ? message : message + ".") \($0)" } ?? message
    }

    public var description: String {
        "\(request): \(status.map { "GitLab answered \($0): " } ?? "")\(words)"
    }
}
