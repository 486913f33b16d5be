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

    /// What is known of a pipeline by its name or its variables.
    private enum Mark: Sendable {
        case run(RunID)
        case unmarked
        /// This token may not read its variables: another user made the pipeline, such as the bot of an earlier token.
        case closed
    }

    private struct Known: Sendable {
        var marks: [Int64: Mark] = [:]
        /// Projects in which names carry run ids. A pipeline without one is not ours there.
        var named: Set<String> = []
    }

    private let known = Mutex(Known())

    struct Marked: Sendable {
        var runs: [(id: RunID, row: PipelineRow)] = []
        /// False: there were more pipelines without a name than may be read, or some cannot be read.
        var isComplete = true
        /// How many pipelines have variables that this token may not read.
        var closed = 0
    }

    func read(
        _ rows: [PipelineRow], of project: String, _ client: GitLabClient
    ) async throws(APIFailure) -> Marked {
        var marked = Marked()
        var others: [PipelineRow] = []
        for row in rows {
            if let id = row.name.flatMap({ Marks.runID(inName: $0) }) {
                marked.runs.append((id, row))
            } else {
                others.append(row)
            }
        }
        let (marks, tells) = known.withLock { known in
            if !marked.runs.isEmpty { known.named.insert(project) }
            return (known.marks, known.named.contains(project))
        }
        let unread = others.filter { marks[$0.id] == nil }
        marked.isComplete = unread.count <= Self.most
        let read = try await readVariables(Array(unread.prefix(Self.most)), of: project, client)
        for (row, mark) in others.compactMap({ row in marks[row.id].map { (row, $0) } }) + read {
            switch mark {
            case .run(let id): marked.runs.append((id, row))
            case .unmarked: break
            // With variables, `workflow: name: 'orchestrate $[[ inputs.orchestrate_run_id ]]'` leaves the first word alone.
            case .closed: marked.closed += tells && row.name != Marks.nameWithoutRunID ? 0 : 1
            }
        }
        marked.isComplete = marked.isComplete && marked.closed == 0
        return marked
    }

    /// The newest pipeline with a run id in its name, and how its marks travelled: without that variable, as inputs. nil:
    /// there is none, or this token may not read its variables.
    func newestNamed(
        _ rows: [PipelineRow], of project: String, _ client: GitLabClient
    ) async throws(APIFailure) -> (pipeline: Int64, kind: MarkKind)? {
        let named = rows.filter { $0.name.flatMap { Marks.runID(inName: $0) } != nil }
        guard let newest = named.max(by: { $0.id < $1.id }) else { return nil }
        do throws(APIFailure) {
            let variables = try await client.variables(project: project, pipeline: newest.id)
            return (newest.id, variables[Marks.runID] == nil ? .inputs : .variables)
        } catch {
            guard error.kind == .notFound || error.kind == .refused else { throw error }
            return nil
        }
    }

    private func readVariables(
        _ rows: [PipelineRow], of project: String, _ client: GitLabClient
    ) async throws(APIFailure) -> [(PipelineRow, Mark)] {
        let answers = await withTaskGroup(of: (PipelineRow, Result<Mark, APIFailure>).self) { group in
            var rest = rows[...]
            var answers: [(PipelineRow, Result<Mark, APIFailure>)] = []
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
        var read: [(PipelineRow, Mark)] = []
        for (row, answer) in answers {
            let mark = try answer.get()
            remember(mark, of: row.id)
            read.append((row, mark))
        }
        return read
    }

    private func remember(_ mark: Mark, of pipeline: Int64) {
        known.withLock { known in
            if known.marks.count >= Self.remembered { known.marks.removeAll() }
            known.marks[pipeline] = mark
        }
    }

    /// The run id in a pipeline's variables.
    private static func mark(
        of row: PipelineRow, _ project: String, _ client: GitLabClient
    ) async -> Result<Mark, APIFailure> {
        do throws(APIFailure) {
            let variables = try await client.variables(project: project, pipeline: row.id)
            return .success(variables[Marks.runID].flatMap { RunID($0) }.map { .run($0) } ?? .unmarked)
        } catch {
            // A pipeline that is not there any more is no twin.
            if error.kind == .notFound { return .success(.unmarked) }
            return error.kind == .refused ? .success(.closed) : .failure(error)
        }
    }
}
