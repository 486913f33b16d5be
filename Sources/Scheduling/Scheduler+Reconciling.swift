import CivilTime

/// Finding out whether a run has a pipeline, where no answer said so.
extension Scheduler {
    /// As `doubt`, for a claim that another process or instance may have posted.
    mutating func doubtEarlier(_ run: Run) {
        let claimed = min(run.claimedAt ?? run.id.fireTime, now)
        doubt(run.id, since: claimed.advanced(by: .zero - Clocks.largestError))
    }

    /// `since`: no pipeline of the run can be older.
    mutating func doubt(_ id: RunID, since: Instant) {
        guard let openRun = open[id] else { return }
        let lastSent = openRun.postedAt ?? provenance.lastPost(of: openRun.run)
        add(.init(since: since, believableAfter: lastSent.advanced(by: settings.settle)), of: openRun.run)
    }

    /// Whether a search is to find out if the run has a pipeline. When it has, the run goes on from there.
    func isInDoubt(_ run: Run) -> Bool {
        guard let reconciler = reconcilers[project(of: run)] else { return false }
        return reconciler.contains(run.id) && !reconciler.isAboutTwins(of: run.id)
    }

    /// Looks for two settle times: GitLab has taken longer than one for the first POST, or still may.
    mutating func lookForTwins(of id: RunID, since: Instant) {
        guard let run = open[id]?.run else { return }
        let end = now.advanced(by: settings.settle * 2)
        add(.init(since: since, believableAfter: end, twinsOf: run), of: run)
    }

    private mutating func add(_ doubt: Reconciler.Doubt, of run: Run) {
        tellOfSettling(doubt)
        let project = project(of: run)
        reconcilers[project, default: Reconciler()].add(run.id, doubt, at: now)
        if reconcilers[project]?.isSearching == false { set(.search(project), after: .zero) }
    }

    mutating func searchPipelines(of project: String) {
        guard phase == .scheduling || phase == .draining,
            let (runs, since) = reconcilers[project]?.ask(at: now)
        else { return }
        decision.requests.append(.search(project: project, runs: runs, since: clock.listStart(since)))
    }

    mutating func searched(_ project: String, _ answer: Answer<Search>) {
        switch answer {
        case .success(let search):
            hear(search.serverTime)
            tellOfClosed(search, project)
            guard let questions = reconcilers[project]?.answered(isComplete: search.isComplete) else {
                return
            }
            for question in questions { conclude(question, search.found[question.id] ?? []) }
            let asked = Set(questions.map(\.id))
            for (id, sightings) in search.found.sorted(by: { $0.key < $1.key }) where !asked.contains(id) {
                sightings.forEach { meet($0, of: id, in: project) }
            }
            giveUpHopeless(
                questions.map(\.id), of: project,
                search.closed > 0
                    ? "it may be one of another user's pipelines (\(search.closed))"
                    : "the list of pipelines is too long")
            reconcilers[project]?.nextAsk(at: now, settle: settings.settle).map {
                timers.set(.search(project), at: $0)
            }
        case .failure(let trouble):
            guard let (failures, runs) = reconcilers[project]?.failed() else { return }
            if failures == 1 { logUnlisted(project, trouble, .warning) }
            set(.search(project), after: Backoff.outage(failures, trouble, of: project))
            giveUpHopeless(runs, of: project, trouble.words)
        }
    }

    /// A new token of another user may not read the pipelines of the old token's user.
    mutating func tellOfClosed(_ search: Search, _ project: String) {
        guard search.closed > 0, complaints.mayTell(.closedPipelines(project: project), at: now) else {
            return
        }
        log(
            .warning, "closed",
            "the token cannot read the run ids of \(search.closed) pipelines of project \(project), because another "
                + "user created them: the scheduler posts no run again that may be among them. Name pipelines by their "
                + "run ids, see scheduler-ci.yml. Rotate a token rather than make a new one: a rotated token keeps its "
                + "user")
    }

    private mutating func conclude(_ question: Reconciler.Question, _ sightings: [Sighting]) {
        let id = question.id
        let pipelines = own(sightings, of: id)
        if let posted = question.doubt.twinsOf {
            let run = open[id]?.run ?? posted
            // The pipeline of a run that is over has done the work, whatever the others would still do.
            let keepsOwn =
                open[id] == nil || pipelines.first.map { $0.pipeline.id == run.pipeline?.id } ?? true
            if keepsOwn {
                if question.isDecisive { reconcilers[project(of: run)]?.remove(id) }
                return cancelTwins(pipelines.filter { $0.pipeline.id != run.pipeline?.id }, of: run)
            }
        }
        guard let run = open[id]?.run else { return }
        if let eldest = pipelines.first {
            // Every observer keeps the lowest id, so that two instances never cancel each other's pipelines.
            keep(eldest, for: run, notThese: Array(pipelines.dropFirst()))
        } else if question.isDecisive {
            switch provesAbsence(of: run) {
            case true: absent(run, since: question.doubt.since)
            case false: lose(id)
            // A look at it decides the next search.
            case nil: newestUnseen(in: project(of: run)).map { look(at: $0) }
            }
        }
    }

    /// `twins`: the run's other pipelines, as far as GitLab lists them. A list from a replica of its database may lack
    /// the known one.
    mutating func keep(_ eldest: Sighting, for run: Run, notThese twins: [Sighting] = []) {
        var twins = twins
        if let known = run.pipeline, known.id != eldest.pipeline.id {
            watches[project(of: run)]?.remove(pipeline: known.id)
            let isListed = twins.contains { $0.pipeline.id == known.id }
            if !isListed { twins.append(Sighting(pipeline: known, progress: .going)) }
        }
        cancelTwins(twins, of: run)
        if run.pipeline?.id != eldest.pipeline.id {
            move(
                run.id,
                .found(
                    eldest.pipeline, createdAt: eldest.createdAt.map(clock.here),
                    hasVariables: eldest.run == nil))
        }
        exists(run.id)
        saw(eldest, of: run.id)
    }

    private mutating func absent(_ run: Run, since: Instant) {
        reconcilers[project(of: run)]?.remove(run.id)
        // A fresh claim that was only looked up is in no doubt any more, and its state has not changed.
        if run.state == .uncertain {
            move(run.id, .provedAbsent)
            open[run.id]?.twinsSince = since
        }
        if open[run.id]?.job == nil {
            move(run.id, .dropped("the job is not declared any more"))
        } else if isAnotherTrigger(run.id) {
            move(run.id, .dropped(Self.triggerEnded))
        } else if let gaveWay = open[run.id]?.canceling {
            move(run.id, .dropped(gaveWay))
        } else if mayRunNow(run.id) {
            enqueue(run.id)
        } else {
            // Another instance has begun a run of the job meanwhile, and that run goes first.
            jobs.hold(run.id)
        }
    }

    /// Whether no run of the job is going that this one must not run beside.
    private func mayRunNow(_ id: RunID) -> Bool {
        guard let state = jobs.state(of: id.job), !state.job.runsBesideEarlier else { return true }
        return !state.runs.contains {
            $0 != id && !state.held.contains($0) && open[$0]?.run.isGoing == true
        }
    }

    mutating func cancelTwins(_ twins: [Sighting], of run: Run) {
        var pipelines: [Int64] = []
        for twin in twins where twin.progress == .going || twin.progress == .blocked {
            let id = twin.pipeline.id
            let isBlocked = twin.progress == .blocked
            if isBlocked, !cancellations.isFirst(ofBlocked: id) { continue }
            pipelines.append(id)
            let rest = isBlocked ? "; its manual jobs stay: do not start them" : ""
            log(.warning, "twin", "pipeline \(id) is a twin, and the scheduler cancels it\(rest)", run: run)
        }
        cancel(pipelines, of: run)
    }

    /// Gives up runs whose pipeline may or may not exist, when the scheduler can no longer find out.
    private mutating func giveUpHopeless(_ runs: [RunID], of project: String, _ cause: String) {
        for id in runs where reconcilers[project]?.isHopeless(id, at: now) == true {
            let words = "the scheduler cannot tell whether its pipeline exists: \(cause)"
            if open[id]?.run.state == .claimed { move(id, .answerLost(words)) }
            move(id, .unprovable(words))
        }
    }
}
