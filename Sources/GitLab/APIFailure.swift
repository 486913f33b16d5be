/// Why GitLab did not do what it was asked to do, and what may be done next.
public struct APIFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable, CaseIterable {
        /// GitLab said no, for good: asking again changes nothing before a person does something.
        case refused
        /// The token is missing, wrong, expired, revoked or lacks a scope: a person has to replace it.
        case unauthorized
        /// There is no such thing, or the token may not see it.
        case notFound
        /// The CI job was retried already, or cannot be.
        case notRetryable
        /// Too many requests, or pipelines: nothing was done; ask again after `retryAfter`.
        case rateLimited
        /// A limit of GitLab's plan on what runs at the same time: nothing was done; ask again later.
        case limited
        /// GitLab hit a fault that may be over in a moment, and did nothing: ask again, but not for ever.
        case faulty
        /// The request was certainly not carried out: ask again, at growing distances.
        case unavailable
        /// The request may have been carried out. Before a POST is sent again: reconcile.
        case uncertain
        /// A success whose answer cannot be read. A POST was carried out: reconcile.
        case malformed
    }

    public var kind: Kind
    /// Method and path of the request.
    public var request: String
    /// The HTTP status; nil: there was no answer.
    public var status: Int?
    /// GitLab's own words, or how the request ended: one line of at most about 300 characters.
    public var message: String
    /// What a person can do about it, for the cases that are known.
    public var advice: String?
    /// How long to wait before asking again, where GitLab says so or a known limit does.
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

    /// There is no such project, or the token may not see it.
    public var isAbsentProject: Bool { kind == .notFound && message == "404 Project Not Found" }

    /// Message and advice: what a ledger row or a log line keeps.
    public var words: String {
        advice.map { "\(message.hasSuffix(".") ? message : message + ".") \($0)" } ?? message
    }

    public var description: String {
        "\(request): \(status.map { "GitLab answered \($0): " } ?? "")\(words)"
    }
}
