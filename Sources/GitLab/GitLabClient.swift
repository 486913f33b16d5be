import CivilTime
public import HTTP

/// The part of GitLab's REST API that a scheduler needs.
///
/// Everything but `send` is pure: the client makes requests, reads answers and says what a failure means. It never
/// sends a request twice; the caller decides that by the kind of the failure.
public struct GitLabClient: Sendable {
    typealias Query = [(name: String, value: String)]
    public typealias Send = @Sendable (HTTPRequest) async throws(TransportFailure) -> HTTPResponse

    /// How long requests may take. GitLab itself gives up after 60 s (`GITLAB_RAILS_RACK_TIMEOUT`). A POST waits
    /// longer, so that GitLab's verdict arrives.
    private static let deadlines = (post: Duration.seconds(70), get: Duration.seconds(30))

    private let secrets: @Sendable () -> [Secret]
    /// What no text may show.
    var hidden: [Secret] { secrets() }
    private let transport: Send

    /// `hiding`: the secrets that no error may show, even if an answer repeats one.
    public init(hiding secrets: @escaping @Sendable () -> [Secret] = { [] }, send: @escaping Send) {
        self.secrets = secrets
        transport = send
    }

    /// The answer to a request. Every status outside 200...299 is a failure.
    func answer(to request: HTTPRequest) async throws(APIFailure) -> HTTPResponse {
        let response = try await anyAnswer(to: request)
        guard (200..<300).contains(response.status) else { throw failure(response, request) }
        return response
    }

    /// The answer to a request, whatever its status.
    func anyAnswer(to request: HTTPRequest) async throws(APIFailure) -> HTTPResponse {
        do {
            return try await transport(request)
        } catch {
            throw failure(error, request)
        }
    }

    func failure(_ response: HTTPResponse, _ request: HTTPRequest) -> APIFailure {
        APIFailure(response, to: request, hiding: secrets())
    }

    /// The answer to a request, read as one JSON value.
    func value<Value>(
        _ request: HTTPRequest, _ read: (JSON) -> Value?
    ) async throws(APIFailure) -> Value {
        let response = try await answer(to: request)
        guard let value = read(try json(of: response, request)) else {
            throw malformed(response, request, "an answer without the expected fields")
        }
        return value
    }

    func json(of response: HTTPResponse, _ request: HTTPRequest) throws(APIFailure) -> JSON {
        do {
            return try JSONReader.read(response.body, keeping: JSON.rowMembers).presentable(hiding: secrets())
        } catch {
            throw malformed(response, request, "an answer that is not JSON (\(error))")
        }
    }

    func malformed(_ response: HTTPResponse, _ request: HTTPRequest, _ cause: String) -> APIFailure {
        APIFailure(
            .malformed, request: request.place, status: response.status, message: cause,
            advice: "Check CI_API_V4_URL and any proxy on the way: GitLab's API always answers with JSON.")
    }

    private func failure(_ failure: TransportFailure, _ request: HTTPRequest) -> APIFailure {
        let (kind, words): (APIFailure.Kind, String) =
            switch failure {
            case .notSent(let words): (.unavailable, words)
            case .noAnswer(let words): (.uncertain, words)
            }
        return APIFailure(
            kind, request: request.place, message: AnswerWords.line([words.redacted(secrets())]))
    }
}

extension GitLabClient {
    /// `/projects/<project>/<rest>`. A project is an id or a path such as `group/name`.
    static func path(_ project: String, _ rest: String) -> String { "\(path(project))/\(rest)" }

    static func path(_ project: String) -> String {
        // The environment may hold an encoded path, which must not be encoded twice. GitLab's paths have no percent
        // sign.
        "/projects/\(PercentEncoding.encode(PercentEncoding.decode(project)))"
    }

    func get(_ path: String, _ query: Query = []) -> HTTPRequest {
        HTTPRequest(.get, path, query: query, deadline: Self.deadlines.get)
    }

    func put(_ path: String, body: [UInt8]) -> HTTPRequest {
        HTTPRequest(.put, path, body: body, deadline: Self.deadlines.post)
    }

    func post(_ path: String, body: [UInt8]? = nil) -> HTTPRequest {
        HTTPRequest(.post, path, body: body, deadline: Self.deadlines.post)
    }

    /// What the walk does with a row of a list.
    enum Fate { case keep, leaveOut, stop }

    /// Reads pages until `fate` says stop, the last page, or `limit` pages. `fate` gets each row once.
    ///
    /// Rows move while the client reads pages, because new rows push the older ones down. So it leaves out a row that
    /// it has seen before.
    func walk<Row>(
        _ path: String, _ query: Query, limit: Int, _ row: (JSON) -> Row?,
        id: (Row) -> Int64, fate: (Row) -> Fate
    ) async throws(APIFailure) -> RowList<Row> {
        var paging = Paging(query)
        var request = get(path, paging.firstQuery)
        var list = RowList<Row>()
        var seen: Set<Int64> = []
        for _ in 0..<max(1, limit) {
            let response = try await answer(to: request)
            let rows = try rows(of: response, request, row)
            list.serverTime = list.serverTime ?? response.serverTime
            for row in rows where seen.insert(id(row)).inserted {
                switch fate(row) {
                case .keep: list.rows.append(row)
                case .leaveOut: break
                case .stop: return list
                }
            }
            guard let next = paging.next(after: response, rows: rows.count) else { return list }
            request = get(path, next)
        }
        list.isComplete = false
        return list
    }

    private func rows<Row>(
        of response: HTTPResponse, _ request: HTTPRequest, _ row: (JSON) -> Row?
    ) throws(APIFailure) -> [Row] {
        guard let elements = try json(of: response, request).elements else {
            throw malformed(response, request, "an answer that is no list")
        }
        let rows = elements.compactMap(row)
        guard rows.count == elements.count else {
            throw malformed(response, request, "a list with entries that lack the expected fields")
        }
        return rows
    }
}
