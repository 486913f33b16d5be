import Cron

extension Scheduler {
    /// Posts a claim as soon as that is allowed. What another instance may have posted is looked up in GitLab first.
    mutating func proceed(_ id: RunID) {
        let delay = open[id]?.job?.delay ?? .zero
        guard id.fireTime.advanced(by: delay) <= strangersPostedUntil else { return enqueue(id) }
        // Not later than GitLab's clock shows that time, if ours is behind.
        doubt(id, since: min(id.fireTime, clock.here(id.fireTime)))
    }

    /// Puts a claim into the lane of its project and ref.
    mutating func enqueue(_ id: RunID) {
        guard let run = open[id]?.run else { return }
        let key = lane(of: run)
        lanes[key, default: Lane(perMinute: settings.ratePerMinute)].add(id)
        busyLanes.insert(key)
        if let notBefore = run.notBefore, notBefore > now { lanes[key]?.pause(until: notBefore) }
    }

    /// Checked again for each POST: a claim may have waited for a free request while the lease ran out.
    var mayPost: Bool { postsUntil != nil }

    private var postsUntil: Instant? {
        guard phase == .scheduling || phase == .draining else { return nil }
        return lease.postsUntil(inCI: settings.instance != nil, at: now)
    }

    /// Lets go what the rate limit, the pauses and the lease allow, oldest fire time first.
    mutating func releaseLanes() {
        guard mayPost else { return }
        for key in busyLanes.sorted() {
            while let id = lanes[key]?.release(at: now) { send(id) }
            if lanes[key]?.isEmpty ?? true { busyLanes.remove(key) }
            lanes[key]?.nextRelease(at: now).map { set(.lanes, at: $0) }
        }
    }

    private mutating func send(_ id: RunID) {
        guard let job = open[id].map(\.job) else { return }
        if let job, let grace = job.misfireGrace {
            let late = job.lateness(of: id.fireTime, at: now)
            if late > grace { return drop(id, .misfire(late: late)) }
        }
        move(id, .sending)
        committing.append(id)
    }

    private mutating func drop(_ id: RunID, _ reason: SkipReason) {
        let key = open[id].map { lane(of: $0.run) }
        move(id, .dropped(reason.description))
        key.map { lanes[$0]?.passed() }
    }

    mutating func committed(_ duplicates: Set<RunID>) {
        for id in duplicates {
            guard let run = open[id]?.run else { continue }
            guard adopted.remove(id) == nil else {
                withdraw(run)
                continue
            }
            if committing.contains(id) { lanes[lane(of: run)]?.passed() }
            forget(run)
            occupy(id.job, -1)
            log(.warning, "duplicate", "the ledger has this fire time already; not posted again", run: run)
        }
        sendable.append(contentsOf: committing.lazy.filter { !duplicates.contains($0) })
        committing.removeAll(keepingCapacity: true)
        surveyWritten()
    }

    /// Lets go of a run that was found in GitLab and is in the ledger already, where it is over.
    private mutating func withdraw(_ run: Run) {
        forget(run)
        run.pipeline.map { watches[project(of: run)]?.remove(pipeline: $0.id) }
        occupy(run.id.job, run.isGoing ? -1 : 0)
    }

    /// Hands durable claims to the network, as many at once as are allowed.
    mutating func post() {
        guard mayPost else { return }
        while inFlight.count < settings.maxInFlight, let next = sendable.next() { post(next) }
    }

    /// What was let go is not posted after all: no lane may wait for it.
    mutating func passLanes() {
        for key in lanes.keys { lanes[key]?.passed() }
    }

    private mutating func post(_ id: RunID) {
        // Its pipeline may have been found meanwhile.
        guard let openRun = open[id], openRun.run.pipeline == nil, let job = openRun.job, let postsUntil
        else {
            return passLanes()
        }
        let key = lane(of: openRun.run)
        // A pause may have begun since it was let go: then it waits like the others.
        guard lanes[key]?.isOpen(at: now) ?? true else { return enqueue(id) }
        let order = Order(
            run: id, job: job, project: key.project, ref: key.ref, instance: openRun.run.instance,
            sendWithin: now.duration(to: postsUntil))
        open[id]?.postedAt = now
        decision.effects.append(.post(order))
        inFlight[id] = key
    }

    mutating func posted(_ id: RunID, _ answer: Answer<Pipeline>) {
        let sentIn = inFlight.removeValue(forKey: id)
        guard let openRun = open[id] else {
            // Its pipeline was found meanwhile, and is over.
            sentIn.map { lanes[$0]?.passed() }
            return
        }
        let key = sentIn ?? lane(of: openRun.run)
        switch answer {
        case .success(let pipeline):
            lanes[key]?.answered()
            guard move(id, .created(pipeline)) else { return }
            exists(id)
        case .failure(.refused(let words)), .failure(.gone(let words)):
            lanes[key]?.answered()
            move(id, .refused(words))
        case .failure(.limited(let words, let retryAfter)):
            lanes[key]?.answered()
            let until = now.advanced(by: max(retryAfter ?? .zero, .seconds(60)))
            lanes[key]?.pause(until: until)
            postpone(id, words, until: until)
        case .failure(.unavailable(let words)):
            postpone(id, words, until: lanes[key]?.failed(at: now, key: key.project) ?? now)
        case .failure(.uncertain(let words)):
            _ = lanes[key]?.failed(at: now, key: key.project)
            move(id, .answerLost(words))
            // The process may have been stopped between the decision and the request: only now it is over for sure.
            open[id]?.postedAt = now
            // Without a time it was a former scheduler of this process that sent it.
            if let sent = openRun.postedAt { doubt(id, since: sent) } else { doubtEarlier(openRun.run) }
        }
    }

    private mutating func postpone(_ id: RunID, _ words: String, until instant: Instant) {
        if let gaveWay = open[id]?.canceling {
            move(id, .dropped(gaveWay))
        } else if move(id, .postponed(words, until: instant)) {
            enqueue(id)
        }
    }

    /// What follows as soon as a run is known to have its pipeline.
    mutating func exists(_ id: RunID) {
        if !doubts.isEmpty { doubts[open[id]?.run.project ?? settings.project]?.remove(id) }
        watch(id)
        guard let (canceling, since) = open[id].map({ ($0.canceling, $0.twinsSince) }) else { return }
        if let canceling { cancel(id, canceling) }
        guard let since else { return }
        open[id]?.twinsSince = nil
        lookForTwins(of: id, since: since)
    }
}
