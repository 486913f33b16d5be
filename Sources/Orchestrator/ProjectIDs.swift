import GitLab
import Synchronization

/// The ids of the projects that jobs name by their paths.
///
/// A renamed or moved project answers under its former path to reads only, and with redirects (`lib/api/helpers.rb`); its
/// id stays. So GitLab is asked for the id of a path once, and for everything else by the id.
final class ProjectIDs: Sendable {
    private let known = Mutex<[String: String]>([:])

    /// What to name the project by: its id; or the path itself where GitLab does not tell the id, and then the request says
    /// what is wrong.
    ///
    /// Throws only what may pass: nothing but the id has been asked for.
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
            case .refused, .notFound, .notRetryable: return project
            case .uncertain, .malformed: failure.kind = .unavailable
            case .unauthorized, .rateLimited, .limited, .faulty, .unavailable: break
            }
            throw failure
        }
    }

    /// After GitLab had no project of this id: the path may be another's by now, and the next request asks again. Returns
    /// whether the id came from here.
    func forget(_ project: String) -> Bool { known.withLock { $0.removeValue(forKey: project) != nil } }
}
