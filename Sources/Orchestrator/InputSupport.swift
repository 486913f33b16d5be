import GitLab
import Synchronization

/// Whether GitLab takes `inputs`. Before 17.10 it drops them without a word, and the pipeline runs with its defaults.
final class InputSupport: Sendable {
    private let isSeen = Mutex(false)

    /// Refuses if GitLab is too old. A GitLab that does not tell its version counts as new enough.
    func require(_ client: GitLabClient) async throws(APIFailure) {
        guard !isSeen.withLock({ $0 }) else { return }
        let version: String
        do throws(APIFailure) {
            version = try await client.version()
        } catch {
            guard error.kind != .refused && error.kind != .notFound else { return }
            var failure = error
            // The POST has not been sent yet.
            if failure.kind == .uncertain || failure.kind == .malformed { failure.kind = .unavailable }
            throw failure
        }
        guard !Self.isTooOld(version) else {
            throw APIFailure(
                .inputsRefused, request: "",
                message: "not sent: this GitLab is \(version), and knows no inputs",
                advice: "`inputs` need GitLab 17.10: update it, or put the values into `variables`.")
        }
        isSeen.withLock { $0 = true }
    }

    /// `version` is text such as `17.9.2-ee`.
    private static func isTooOld(_ version: String) -> Bool {
        let numbers = version.split { !("0"..."9").contains($0) }.prefix(2).compactMap { Int($0) }
        guard numbers.count == 2 else { return false }
        return (numbers[0], numbers[1]) < (17, 10)
    }
}
