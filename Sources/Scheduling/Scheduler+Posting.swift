import Cron

extension Scheduler {
    /// Posts a claim as soon as that is allowed. In CI the ledger may be older than what an earlier instance did:
    /// there a fire time from before the start is looked up in GitLab first.
    mutating func proceed(_ id: RunID) {
        guard settings.instance != nil, id.fireTime <= startedAt else { return enqueue(id) }
        doubt(id, since: id.fireTime)
    }

    /// Puts a claim into the lane of its project and ref.
    mutating func enqueue(_ id: RunID) {
        guard let run = open[id]?.run else { return }
        lanes[lane(of: run), default: Lane(perMinute: settings.ratePerMinute)].add(id)
        if let notBefore = run.notBefore, notBefore > now { lanes[lane(of: run)]?.pause(until: notBefore) }
    }

    /// Checked again for each POST: a claim may have waited for a free request while the lease ran out.
    private var mayPost: Bool {
        guard phase == .scheduling || phase == .draining else { return false }
        return lease.allowsPosting(inCI: settings.instance != nil, at: now)
    }

    /// Lets go what the rate limit, the pauses and the lease allow, oldest fire time first.
    mutating func releaseLanes() {
        guard mayPost else { return }
        for key in lanes.keys.sorted() {
            while let id = lanes[key]?.release(at: now) { send(id) }
            lanes[key]?.nextRelease(at: now).map { set(.lanes, at: $0) }
        }
    }

    private mutating func send(_ id: RunID) {
        guard let openRun = open[id] else { return }
        if let job = openRun.job, let grace = job.misfireGrace {
            let late = job.lateness(of: id.fireTime, at: now)
            if late > grace {
                move(id, .dropped(SkipReason.misfire(late: late).description))
                return releaseProbe(of: openRun.run)
            }
        }
        move(id, .sending)
        committing.append(id)
    }

    /// A claim that was let go as a probe and not sent leaves its place to the next one.
    private mutating func releaseProbe(of run: Run) {
        let key = lane(of: run)
        guard let failures = lanes[key]?.failures, failures > 0 else { return }
        lanes[key]?.failed()
    }

    mutating func committed(_ duplicates: Set<RunID>) {
        for id in duplicates {
            guard let run = open[id]?.run else { continue }
            open[id] = nil
            jobIndex[id.job].map { jobs[$0].runs.removeAll { $0 == id } }
            occupy(id.job, -1)
            log(.warning, "duplicate", "the ledger has this fire time already; not posted again", run: run)
        }
        sendable += committing.filter { !duplicates.contains($0) }
        committing.removeAll(keepingCapacity: true)
    }

    /// Hands durable claims to the network, as many at once as are allowed.
    mutating func post() {
        guard mayPost else { return }
        let room = max(0, settings.maxInFlight - postsInFlight)
        for id in sendable.prefix(room) {
            guard let openRun = open[id], let job = openRun.job else { continue }
            let order = Order(
                run: id, job: job, project: openRun.run.project ?? settings.project,
                ref: openRun.run.ref ?? settings.ref, instance: openRun.run.instance)
            open[id]?.postedAt = now
            decision.effects.append(.post(order))
            postsInFlight += 1
        }
        sendable.removeFirst(min(room, sendable.count))
    }

    mutating func posted(_ id: RunID, _ answer: Answer<Pipeline>) {
        postsInFlight = max(0, postsInFlight - 1)
        guard let openRun = open[id] else { return }
        let key = lane(of: openRun.run)
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
            postpone(id, words, until: now.advanced(by: max(retryAfter ?? .zero, .seconds(60))))
        case .failure(.unavailable(let words)):
            lanes[key]?.failed()
            let wait = Backoff.outage(lanes[key]?.failures ?? 1, of: key.project)
            postpone(id, words, until: now.advanced(by: wait))
        case .failure(.uncertain(let words)):
            lanes[key]?.failed()
            let wait = Backoff.outage(lanes[key]?.failures ?? 1, of: key.project)
            lanes[key]?.pause(until: now.advanced(by: wait))
            move(id, .answerLost(words))
            doubt(id, since: openRun.run.sentAt ?? now)
        }
    }

    private mutating func postpone(_ id: RunID, _ words: String, until instant: Instant) {
        guard move(id, .postponed(words, until: instant)), let run = open[id]?.run else { return }
        lanes[lane(of: run)]?.pause(until: instant)
        enqueue(id)
    }

    /// What follows as soon as a run is known to have its pipeline.
    mutating func exists(_ id: RunID) {
        doubts[open[id]?.run.project ?? settings.project]?.remove(id)
        watch(id)
        if let words = open[id]?.canceling { cancel(id, words) }
        guard open[id]?.mayHaveTwin == true else { return }
        open[id]?.mayHaveTwin = false
        lookForTwins(of: id)
    }
}
