import CivilTime

extension Scheduler {
    /// How often the scheduler tries a POST that meets faults of GitLab.
    private static let tries = 3

    /// Posts a claim as soon as that is allowed. If another instance may have posted it, the scheduler looks it up in
    /// GitLab first.
    mutating func proceed(_ id: RunID) {
        let delay = open[id]?.job?.delay ?? .zero
        guard provenance.mustLookUp(dueAt: id.fireTime.advanced(by: delay)) else { return enqueue(id) }
        // If the own clock is behind GitLab's, a pipeline may be older than the fire time on the own clock.
        doubt(id, since: min(id.fireTime, clock.here(id.fireTime)))
    }

    /// Puts a claim into the lane of its project and ref.
    mutating func enqueue(_ id: RunID) {
        guard let run = open[id]?.run else { return }
        posts.add(id, to: lane(of: run), notBefore: run.notBefore, at: now)
    }

    /// Checked again for each POST: a claim may have waited for a free request while the lease ran out.
    var mayPost: Bool { postsUntil != nil }

    private var postsUntil: Instant? {
        guard phase == .scheduling || phase == .draining else { return nil }
        return lease.postsUntil(inCI: settings.instance != nil, at: now)
    }

    /// Lets claims go as the rate limit, the pauses and the lease allow, oldest fire time first.
    mutating func releaseLanes() {
        guard mayPost else { return }
        for key in posts.busyLanes {
            while mayRelease(key.project), let id = posts.release(from: key, at: now) { send(id) }
            guard mayRelease(key.project) else { continue }
            posts.nextRelease(from: key, at: now).map { timers.set(.lanes, at: $0) }
        }
    }

    private mutating func send(_ id: RunID) {
        guard let (job, run) = open[id].map({ ($0.job, $0.run) }) else { return }
        if let job, let grace = job.misfireGrace {
            let late = job.lateness(of: id.fireTime, at: now)
            if late > grace { return drop(id, .misfire(late: late)) }
        }
        open[id]?.markRefusal = nil
        move(id, .sending(marking.kind(in: project(of: run), at: now)))
        posts.commits(id)
    }

    private mutating func drop(_ id: RunID, _ reason: SkipReason) {
        let key = open[id].map { lane(of: $0.run) }
        let job = open[id]?.job
        move(id, .dropped(reason.description))
        if let job { tell(Skips([Skip(id.fireTime, reason)]), of: job) }
        key.map { posts.passed($0) }
    }

    mutating func committed(_ duplicates: Set<RunID>, _ repeated: Set<OutboxMessage.Key>) {
        for id in duplicates {
            guard let run = open[id]?.run else { continue }
            // The ledger may have a run that the survey found as finished.
            guard !survey.withdraw(id) else {
                forget(run)
                occupy(id.job, run.isGoing ? -1 : 0)
                continue
            }
            if posts.isCommitting(id) { posts.passed(lane(of: run)) }
            forget(run)
            occupy(id.job, -1)
            let words = "the ledger has this fire time already; the scheduler does not post it again"
            log(.warning, "duplicate", words, run: run)
        }
        posts.committed(except: duplicates)
        telling.committed(except: duplicates, repeated)
        surveyWritten()
    }

    /// Hands durable claims to the network, as many at once as are allowed.
    mutating func post() {
        guard mayPost else { return }
        while let next = posts.next() { post(next) }
    }

    private mutating func post(_ id: RunID) {
        // Its pipeline may have been found meanwhile.
        guard let openRun = open[id], openRun.run.pipeline == nil, let job = openRun.job, let postsUntil
        else {
            return posts.passAll()
        }
        let key = lane(of: openRun.run)
        // A pause may have begun since the lane let it go: then it waits in the lane again.
        guard posts.isOpen(key, at: now) else { return enqueue(id) }
        let order = Order(
            run: id, job: job, project: key.project, ref: key.ref, instance: openRun.run.instance,
            mark: openRun.run.mark, interval: isTrigger ? nil : job.interval(of: id.fireTime),
            sendWithin: now.duration(to: postsUntil))
        open[id]?.postedAt = now
        decision.posts.append(order)
        posts.sent(id, in: key)
    }

    mutating func posted(_ id: RunID, _ answer: Answer<Pipeline>) {
        let sentIn = posts.answered(id)
        guard let openRun = open[id] else {
            // Its pipeline was found meanwhile, and is over.
            sentIn.map { posts.passed($0) }
            return
        }
        let key = sentIn ?? lane(of: openRun.run)
        switch answer {
        case .success(let pipeline):
            if !clock.hasAnswer { hear(nil) }
            posts.gotThrough(key)
            learn(openRun.run.mark, in: key.project)
            complaints.isOver(.posts(key))
            complaints.isOver(.token)
            guard move(id, .created(pipeline)) else { return }
            exists(id)
        case .failure(.refused(let words)), .failure(.gone(let words)):
            posts.gotThrough(key)
            refuse(id, words)
        case .failure(.markRefused(let words)):
            posts.gotThrough(key)
            markRefused(id, words)
        case .failure(.limited(let words, let retryAfter)):
            let until = end(ofPause: retryAfter)
            posts.gotThrough(key, pausedUntil: until)
            postpone(id, words, until: until)
        case .failure(.throttled(let words, let retryAfter)):
            let until = end(ofPause: retryAfter)
            posts.gotThrough(key)
            posts.pauseAll(until: until)
            postpone(id, words, until: until)
        case .failure(.faulty(let words)):
            posts.gotThrough(key)
            tryAgain(id, words)
        case .failure(.unauthorized(let words)) where isTrigger:
            // The operator who called `trigger` hears of it now, and does not expect the run later.
            posts.gotThrough(key)
            move(id, .refused(words))
        case .failure(.unauthorized(let words)), .failure(.unavailable(let words)):
            postpone(id, words, until: posts.failed(key, at: now))
        case .failure(.uncertain(let words)):
            posts.failed(key, at: now)
            move(id, .answerLost(words))
            // The process may have stood still between the decision and the request: only now is the POST over for
            // sure.
            open[id]?.postedAt = now
            // Without a time, an earlier scheduler of this process sent it.
            if let sent = openRun.postedAt { doubt(id, since: sent) } else { doubtEarlier(openRun.run) }
        }
    }

    private func end(ofPause retryAfter: Duration?) -> Instant {
        now.advanced(by: max(retryAfter ?? .seconds(60), .seconds(1)))
    }

    /// Most faults of GitLab pass. A run whose fault stays is refused in the end.
    private mutating func tryAgain(_ id: RunID, _ words: String) {
        let failures = (open[id]?.failures ?? 0) + 1
        guard failures < Self.tries else {
            move(id, .refused("\(words) (\(failures) times)"))
            return
        }
        open[id]?.failures = failures
        let wait = Backoff.delay(
            afterFailures: failures, first: .seconds(20), most: .seconds(120), spreadBy: id.description)
        postpone(id, words, until: now.advanced(by: wait))
    }

    mutating func postpone(_ id: RunID, _ words: String, until instant: Instant) {
        open[id]?.markRefusal = nil
        if let gaveWay = open[id]?.canceling {
            move(id, .dropped(gaveWay))
        } else if move(id, .postponed(words, until: instant)), let run = open[id]?.run, !isInDoubt(run) {
            enqueue(id)
        }
    }

    /// Call this as soon as a run is known to have its pipeline.
    mutating func exists(_ id: RunID) {
        if !reconcilers.isEmpty { reconcilers[open[id]?.run.project ?? settings.project]?.remove(id) }
        open[id]?.failures = 0
        watch(id)
        guard let (canceling, since) = open[id].map({ ($0.canceling, $0.twinsSince) }) else { return }
        if let canceling { cancel(id, canceling) }
        guard let since else { return }
        open[id]?.twinsSince = nil
        lookForTwins(of: id, since: since)
    }

    /// Why a claim waits, in words for `status`: written with the claim, so that they cost no write of their own.
    func waitWords(_ id: RunID) -> String? {
        guard let run = open[id]?.run, run.state == .claimed, run.sentAt == nil else { return nil }
        if jobs.isHeld(id) { return "waits for an earlier run of the job" }
        if reconcilers[project(of: run)]?.contains(id) == true {
            return "the scheduler looks it up in GitLab first: another instance may have posted it"
        }
        guard mayPost else { return "waits until the scheduler knows that no newer instance schedules" }
        guard mayRelease(project(of: run)) else {
            return "waits for the answer to the project's first POST, which shows how marks travel there"
        }
        return posts.waitWords(lane(of: run), at: now)
    }
}
