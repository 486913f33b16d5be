public import CivilTime

/// How the marks of a pipeline travel: the run id by which it is found again, and what else a job sends. A project may
/// forbid pipeline variables (`ci_pipeline_variables_minimum_override_role`).
public enum MarkKind: String, Sendable, CaseIterable {
    /// As pipeline variables.
    case variables
    /// As inputs, which the CI file declares under `spec: inputs:`.
    case inputs

    var other: MarkKind { self == .variables ? .inputs : .variables }
}

/// The inputs by which marks travel. A job file may not use these names.
public enum MarkInput: String, Sendable, CaseIterable {
    case runID = "orchestrate_run_id"
    case jobName = "orchestrate_job_name"
    /// Alone in the pipeline that contains the CI job of a successor.
    case successorOf = "orchestrate_successor_of"
}

/// What is known of how marks travel in one project.
public struct ProjectMark: Hashable, Sendable {
    /// The kind that goes first.
    public var kind: MarkKind
    /// When GitLab took this kind, or refused the other one.
    public var learnedAt: Instant
    /// The newest pipeline made with inputs that GitLab has shown in a list or a look; nil: none.
    public var newest: Int64?
    /// Whether `newest` showed its run id as its name.
    public var showsRunID: Bool

    public init(kind: MarkKind, learnedAt: Instant, newest: Int64? = nil, showsRunID: Bool = false) {
        self.kind = kind
        self.learnedAt = learnedAt
        self.newest = newest
        self.showsRunID = showsRunID
    }
}

/// How marks travel, project by project.
struct Marking: Sendable {
    /// How long it is remembered which kind goes first. Then variables go first again, as the project may allow them by now.
    private static let memory = Duration.seconds(86_400)

    /// The kind that `ORCHESTRATE_MARK` names; nil: `auto`.
    let fixed: MarkKind?
    private var projects: [String: ProjectMark]
    /// The kind of the last POST for a successor, and the refusal of the other kind while this one is tried.
    var successorKind = MarkKind.variables
    var successorRefusal: String?

    init(fixed: MarkKind?, known: [String: ProjectMark]) {
        self.fixed = fixed
        projects = known
    }

    /// The kind in which a POST goes out now.
    func kind(in project: String, at now: Instant) -> MarkKind {
        fixed ?? remembered(project, at: now)?.kind ?? .variables
    }

    /// Whether the next POST need not wait for the answer to the one before.
    func isKnown(_ project: String, at now: Instant) -> Bool {
        fixed != nil || remembered(project, at: now) != nil
    }

    private func remembered(_ project: String, at now: Instant) -> ProjectMark? {
        guard let mark = projects[project] else { return nil }
        let age = mark.learnedAt.duration(to: now)
        return age < Self.memory && age > .zero - Self.memory ? mark : nil
    }

    /// GitLab has taken a POST of this kind, or refused the other kind. Returns what the ledger has to remember; nil: it does.
    mutating func learn(_ kind: MarkKind, in project: String, at now: Instant) -> ProjectMark? {
        guard fixed == nil, remembered(project, at: now)?.kind != kind else { return nil }
        let known = projects[project]
        let mark = ProjectMark(
            kind: kind, learnedAt: now, newest: known?.newest, showsRunID: known?.showsRunID ?? false)
        projects[project] = mark
        return mark
    }

    /// GitLab shows a pipeline that was made with inputs. Only its first sight counts: later it may have the name that this
    /// scheduler gave it. Returns what the ledger has to remember; nil: nothing that matters to a later process.
    mutating func sees(
        _ pipeline: Int64, showsRunID: Bool, in project: String, at now: Instant
    ) -> ProjectMark? {
        let known = projects[project]
        guard known?.newest.map({ $0 < pipeline }) ?? true else { return nil }
        var mark = known ?? ProjectMark(kind: .inputs, learnedAt: now)
        mark.newest = pipeline
        mark.showsRunID = showsRunID
        projects[project] = mark
        return known?.newest != nil && known?.showsRunID == true && showsRunID ? nil : mark
    }

    /// The kind in which another process has sent a POST, as far as is known.
    func usualKind(in project: String) -> MarkKind { fixed ?? projects[project]?.kind ?? .variables }

    /// Whether a pipeline made with inputs would be found by its name: the newest one that GitLab has shown was.
    func showsRunIDs(in project: String) -> Bool { projects[project]?.showsRunID ?? false }

    /// Whether GitLab has shown this pipeline, or a newer one.
    func hasSeen(_ pipeline: Int64, in project: String) -> Bool {
        projects[project]?.newest.map { $0 >= pipeline } ?? false
    }

    /// Takes over what another process has written: which pipelines it has seen before it gave them names.
    mutating func merge(_ others: [String: ProjectMark]) {
        for (project, other) in others {
            guard let own = projects[project] else {
                projects[project] = other
                continue
            }
            guard own.newest ?? -1 < other.newest ?? -1 else { continue }
            projects[project]?.newest = other.newest
            projects[project]?.showsRunID = other.showsRunID
        }
    }

    func isUnknown(_ project: String) -> Bool { projects[project] == nil }

    /// Whether a pipeline with a run id in its name would tell something new about this project.
    func lacksEvidence(_ project: String) -> Bool {
        guard let mark = projects[project] else { return true }
        return mark.kind == .inputs && mark.newest == nil
    }

    mutating func clockWasSet(by step: Duration) {
        projects = projects.mapValues { mark in
            var mark = mark
            mark.learnedAt = mark.learnedAt.advanced(by: step)
            return mark
        }
    }
}
