import GitLab
import Scheduling
import Synchronization

/// Finds out which pipelines carry which run ids: by name where `workflow: name` shows it, else by their variables,
/// several at once, each pipeline once.
final class MarkReader: Sendable {
    /// Requests under way at once, and as many as one search may take.
    private static let atOnce = 8
    private static let most = 1_000
    /// Pipelines whose variables need not be read again: they never change.
    private static let remembered = 10_000

    private let known = Mutex<[Int64: RunID?]>([:])

    struct Marked: Sendable {
        var runs: [(id: RunID, row: PipelineRow)] = []
        /// False: there were more pipelines without a name than may be read.
        var isComplete = true
    }

    func read(
        _ rows: [PipelineRow], of project: String, _ client: GitLabClient
    ) async throws(APIFailure) -> Marked {
        var marked = Marked()
        var unnamed: [PipelineRow] = []
        for row in rows {
            if let id = row.name.flatMap({ Marks.runID(inName: $0) }) {
                marked.runs.append((id, row))
            } else if let id = known.withLock({ $0[row.id] }) {
                if let id { marked.runs.append((id, row)) }
            } else {
                unnamed.append(row)
            }
        }
        marked.isComplete = unnamed.count <= Self.most
        marked.runs += try await readVariables(Array(unnamed.prefix(Self.most)), of: project, client)
        return marked
    }

    private func readVariables(
        _ rows: [PipelineRow], of project: String, _ client: GitLabClient
    ) async throws(APIFailure) -> [(id: RunID, row: PipelineRow)] {
        let answers = await withTaskGroup(of: (PipelineRow, Result<RunID?, APIFailure>).self) { group in
            var rest = rows[...]
            var answers: [(PipelineRow, Result<RunID?, APIFailure>)] = []
            for row in rest.prefix(Self.atOnce) {
                group.addTask { (row, await Self.mark(of: row, project, client)) }
            }
            rest = rest.dropFirst(Self.atOnce)
            while let answer = await group.next() {
                answers.append(answer)
                guard case .success = answer.1, let row = rest.popFirst() else { continue }
                group.addTask { (row, await Self.mark(of: row, project, client)) }
            }
            return answers
        }
        var found: [(id: RunID, row: PipelineRow)] = []
        for (row, answer) in answers {
            let id = try answer.get()
            remember(id, of: row.id)
            if let id { found.append((id, row)) }
        }
        return found
    }

    private func remember(_ id: RunID?, of pipeline: Int64) {
        known.withLock { known in
            if known.count >= Self.remembered { known.removeAll() }
            known[pipeline] = .some(id)
        }
    }

    /// The run id in a pipeline's variables. Those of a pipeline that somebody else created may be closed to this
    /// token; then it is none of ours, because the creator may read them.
    private static func mark(
        of row: PipelineRow, _ project: String, _ client: GitLabClient
    ) async -> Result<RunID?, APIFailure> {
        do throws(APIFailure) {
            let variables = try await client.variables(project: project, pipeline: row.id)
            return .success(variables[Marks.runID].flatMap { RunID($0) })
        } catch {
            return error.kind == .refused || error.kind == .notFound ? .success(nil) : .failure(error)
        }
    }
}
