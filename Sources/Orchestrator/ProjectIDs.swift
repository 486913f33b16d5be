import GitLab
import Synchronization

/// The ids of the projects that jobs name by path.
///
/// Under the former path of a renamed or moved project, GitLab answers only reads, with a redirect
/// (`lib/api/helpers.rb`). The id stays. So this asks GitLab once for the id of a path, and all other requests use that
/// id.
final class ProjectIDs: Sendable {
    private let known = Mutex<[String: String]>([:])

    /// The project's id. If GitLab refuses to tell the id, this returns the path, and the next request shows why.
    ///
    /// Throws only faults that may pass, because the request itself has not been sent.
    func id(of project: String, _ client: GitLabClient) async throws(APIFailure) -> String {
        guard Int64(project) == nil else { return project }
        if let id = known.withLock({ $0[project] }) { return id }
        do throws(APIFailure) {
            let id = try await String(client.projectID(ofPath: project))
            known.withLock { $0[project] = id }
            return id
        } catch {
            var failure = error
            switch failure.kind {
            case .refused, .variablesForbidden, .inputsRefused, .notFound, .notRetryable: return project
            case .uncertain, .malformed: failure.kind = .unavailable
            case .unauthorized, .rateLimited, .limited, .faulty, .unavailable: break
            }
            throw failure
        }
    }

    /// Call it when GitLab has no project with this id. Another project may have the path by now, so the next request
    /// asks for the id again. Returns whether the id was known here.
    func forget(_ project: String) -> Bool { known.withLock { $0.removeValue(forKey: project) != nil } }
}
