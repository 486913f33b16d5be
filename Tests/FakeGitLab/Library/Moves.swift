/// What an administrator does to a project or its tokens while the scheduler runs.
extension FakeGitLab {
    /// Moves or renames a project. From now on its old path only redirects reads.
    public mutating func moveProject(_ id: Int64, to path: String) {
        guard let index = settings.projects.firstIndex(where: { $0.id == id }) else { return }
        settings.projects[index].formerPaths.insert(settings.projects[index].path)
        settings.projects[index].path = path
    }

    /// Deletes every token and creates it again, with the same value, so that clients need not change. Each token then
    /// belongs to a new bot user, who did not create the existing pipelines.
    public mutating func recreateTokens() {
        for index in settings.tokens.indices {
            let id = settings.tokens[index].user.id + 1_000
            settings.tokens[index].user = FakeUser(id: id, username: "project_bot_\(id)")
        }
    }

    /// The answer to a request that names a project by a former path (`lib/api/helpers.rb`).
    func refusalOfMoved(_ project: FakeProject, _ request: FakeRequest) -> FakeAnswer {
        guard request.method == "GET" else {
            return .message(405, "Non GET methods are not allowed for moved projects")
        }
        let host = request.header("Host").map { "http://\($0)" } ?? settings.webURL
        let sent = request.path.split(separator: "/").map(String.init)
        let segments = Array(sent.prefix { $0 != "projects" }) + ["projects", String(project.id)]
        let path = "/" + (segments + sent.dropFirst(segments.count)).joined(separator: "/")
        let pairs = request.query.map { Parameters.encoded($0.0) + "=" + Parameters.encoded($0.1) }
        let query = pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
        let location = host + path + query
        return FakeAnswer(status: 301, headers: [("Content-Type", "text/plain"), ("Location", location)])
    }
}
