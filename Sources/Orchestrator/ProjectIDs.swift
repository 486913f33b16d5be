import GitLab
import Synchronization

/// The ids of the projects that jobs name by their paths.
///
/// A renamed or moved project answers under its former path to reads only, and with redirects (`lib/api/helpers.rb`); its
/// id stays. So GitLab is asked for the id of a path once, and for everything else by the id.
final class ProjectIDs: Sendable {
    private let known = Mutex<[String: String]>([:])

    /// The project's id, or its path where GitLab refuses to tell the id: the request that follows then says what is wrong.
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
            case .refused, .notFound, .notRetryable: return project
            case .uncertain, .malformed: failure.kind = .unavailable
            case .unauthorized, .rateLimited, .limited, .faulty, .unavailable: break
            }
            throw failure
        }
    }

    /// Call it when GitLab has no project with this id: another project may have the path by now, so the next request asks
    /// for the id again. Returns whether the id was known here.
    func forget(_ project: String) -> Bool { known.withLock { $0.removeValue(forKey: project) != nil } }
}
