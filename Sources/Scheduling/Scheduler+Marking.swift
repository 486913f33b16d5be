import CivilTime

/// Marks as variables or as inputs: which goes first, what GitLab's refusal of one means, and whether a pipeline made with
/// inputs can be found by its name.
extension Scheduler {
    private static let unnamed =
        "the pipeline was made with inputs, and its name does not show its run id: the scheduler could not find it again, and "
        + "names it now. Put at the top of the CI file: workflow: name: 'orchestrate $[[ inputs.orchestrate_run_id ]]'"
    private static let unprovable =
        "the scheduler cannot tell whether its pipeline exists: it would be made with inputs, and the project's pipelines do "
        + "not show their run ids as names (workflow: name: 'orchestrate $[[ inputs.orchestrate_run_id ]]')"

    /// Whether a claim of this project may go out now. Until it is known how marks travel there, one POST at a time does.
    func mayRelease(_ project: String) -> Bool {
        marking.isKnown(project, at: now)
            || !posts.isUnderWay { id in open[id].map { self.project(of: $0.run) == project } ?? false }
    }

    /// GitLab takes marks of this kind, or refuses the other kind.
    mutating func learn(_ kind: MarkKind, in project: String) {
        guard let mark = marking.learn(kind, in: project, at: now) else { return }
        decision.changes.append(.mark(project: project, mark))
    }

    /// GitLab has refused the way the marks travel, and has created nothing. The scheduler sends the same claim
    /// again with the other kind. The run is refused if GitLab refuses both kinds.
    mutating func markRefused(_ id: RunID, _ words: String) {
        guard let openRun = open[id] else { return }
        if let gaveWay = openRun.canceling {
            move(id, .dropped(gaveWay))
            return
        }
        let (project, kind) = (project(of: openRun.run), openRun.run.mark.other)
        guard marking.fixed == nil, openRun.markRefusal == nil else {
            // The refusal of one claim by both kinds does not tell which one suits the others.
            learn(kind, in: project)
            refuse(id, words)
            return
        }
        guard !isInDoubt(openRun.run) else {
            learn(kind, in: project)
            return postpone(id, words, until: now)
        }
        open[id]?.markRefusal = words
        // This POST is over, and the next one has not left yet.
        open[id]?.postedAt = nil
        tellOfSwitch(to: kind, in: project)
        learn(kind, in: project)
        if move(id, .sending(kind)) { posts.commits(id) }
    }

    /// GitLab said no. The words tell the refusal of the other kind of marks as well, if that was the first.
    mutating func refuse(_ id: RunID, _ words: String) {
        guard let openRun = open[id] else { return }
        let first = openRun.markRefusal.map { "\($0) And as \(openRun.run.mark.rawValue): " } ?? ""
        move(id, .refused(first + words))
    }

    /// As `markRefused`, for the pipeline of a successor. Returns whether the other kind is to be tried.
    mutating func triesOtherMark(for refusal: String) -> Bool {
        guard marking.fixed == nil, marking.successorRefusal == nil else { return false }
        let kind = marking.successorKind.other
        marking.successorRefusal = refusal
        marking.successorKind = kind
        tellOfSwitch(to: kind, in: settings.project)
        learn(kind, in: settings.project)
        return true
    }

    private mutating func tellOfSwitch(to kind: MarkKind, in project: String) {
        guard complaints.mayTell(.marks(project: project, kind), at: now) else { return }
        let refused = kind == .inputs ? "forbids pipeline variables" : "does not take these inputs"
        log(
            .info, "mark",
            "project \(project) \(refused): the scheduler sends run ids as \(kind.rawValue) from now on")
    }

    /// Judges by the first list or look whether a pipeline made with inputs can be found by its name, and names it if not.
    mutating func judgeName(_ sighting: Sighting, _ openRun: OpenRun) {
        guard openRun.run.mark == .inputs else { return }
        let (id, pipeline) = (openRun.run.id, sighting.pipeline.id)
        let project = project(of: openRun.run)
        let showsRunID = sighting.run == id
        if let mark = marking.sees(pipeline, showsRunID: showsRunID, in: project, at: now) {
            decision.changes.append(.mark(project: project, mark))
        }
        guard !showsRunID, !openRun.isBeingNamed else { return }
        open[id]?.isBeingNamed = true
        decision.requests.append(.name(id, project: project, pipeline: pipeline))
        lifecycle.sent(acts: 1)
        guard complaints.mayTell(.unnamed(project: project), at: now) else { return }
        log(.error, "unnamed", Self.unnamed, run: openRun.run)
    }

    /// A failure that passes: the next list or look asks again.
    mutating func named(_ id: RunID, _ answer: Answer<Void>) {
        lifecycle.actAnswered()
        guard case .failure(let trouble) = answer else { return }
        if trouble.isPassing {
            open[id]?.isBeingNamed = false
        } else if let run = open[id]?.run, complaints.mayTell(.unnamable(project: project(of: run)), at: now)
        {
            log(.error, "unnamed", "the scheduler could not name the pipeline: \(trouble.words)", run: run)
        }
    }

    /// What a survey's newest pipeline with a run id in its name shows, if the ledger does not know it.
    mutating func learn(from search: Search, of project: String) {
        guard let newest = search.newestNamed, marking.lacksEvidence(project) else { return }
        // A refusal since then counts more than how an earlier pipeline was made.
        guard newest.kind == .inputs else {
            return marking.isUnknown(project) ? learn(.variables, in: project) : ()
        }
        marking.sees(newest.pipeline, showsRunID: true, in: project, at: now)
            .map { decision.changes.append(.mark(project: project, $0)) }
    }

    /// Whether a pipeline that a decisive search did not find does not exist; nil: that is not known yet.
    func provesAbsence(of run: Run) -> Bool? {
        let project = project(of: run)
        // What another process may have sent went out as this project's marks do.
        let kind = run.sentAt == nil ? marking.usualKind(in: project) : run.mark
        guard kind == .inputs else { return true }
        return newestUnseen(in: project) == nil ? marking.showsRunIDs(in: project) : nil
    }

    /// The run with the newest pipeline made with inputs that neither a list nor a look has shown; nil: there is none.
    func newestUnseen(in project: String) -> Run? {
        let runs = open.values.lazy.map(\.run).filter { run in
            guard run.mark == .inputs, self.project(of: run) == project else { return false }
            return run.pipeline.map { !marking.hasSeen($0.id, in: project) } ?? false
        }
        return runs.max { $0.pipeline?.id ?? 0 < $1.pipeline?.id ?? 0 }
    }

    /// The scheduler cannot find out whether the run has a pipeline.
    mutating func lose(_ id: RunID) {
        if open[id]?.run.state == .claimed { move(id, .answerLost(Self.unprovable)) }
        move(id, .unprovable(Self.unprovable))
    }
}
