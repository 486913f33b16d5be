import HTTP

/// What GitLab says of itself and of its projects.
extension GitLabClient {
    /// The id of the project with this path. The path may be a former one of a renamed or moved project: then GitLab
    /// redirects to the id (`lib/api/helpers.rb`).
    public func projectID(ofPath path: String) async throws(APIFailure) -> Int64 {
        let request = get(Self.path(path))
        let response = try await anyAnswer(to: request)
        if response.status == 301, let id = Self.movedProject(response) { return id }
        guard (200..<300).contains(response.status) else { throw failure(response, request) }
        guard let id = try json(of: response, request)["id"]?.integer else {
            throw malformed(response, request, "a project without an id")
        }
        return id
    }

    /// The id at the end of `https://host/api/v4/projects/42`.
    static func movedProject(_ response: HTTPResponse) -> Int64? {
        guard let location = response.header("Location")?.prefix(while: { $0 != "?" }) else { return nil }
        let parts = location.split(separator: "/").suffix(2)
        return parts.first == "projects" ? parts.last.flatMap { Int64($0) } : nil
    }

    /// GitLab's version, such as `18.5.2-ee`.
    public func version() async throws(APIFailure) -> String {
        try await value(get("/version")) { $0["version"]?.text }
    }
}
