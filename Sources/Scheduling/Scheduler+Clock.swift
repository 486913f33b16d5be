import CivilTime

/// What the scheduler does about clocks that are wrong, and about steps of the clock.
extension Scheduler {
    /// The time between two questions to GitLab while it has not confirmed a step forward. While the clocks only contradict
    /// each other, the scheduler asks once an hour.
    private static let confirmation = Duration.seconds(60)

    mutating func clockWasSet(by step: Duration, to wall: Instant) {
        let believed = clock.wasSet(by: step)
        moveClock(by: believed, to: clock.believed(wall))
        if clock.unproved != .zero { askForTime() }
        takeBackTheFuture()
    }

    /// GitLab has answered; nil: without a `Date`.
    mutating func hear(_ serverTime: Instant?) {
        let step = clock.heard(serverTime, at: now)
        moveClock(by: step, to: now.advanced(by: step))
        takeBackTheFuture()
        complainOfClock()
    }

    /// Fire times stay where they are on the clock; everything that measures passing time moves with it.
    private mutating func moveClock(by step: Duration, to now: Instant) {
        self.now = now
        guard step != .zero else { return }
        timers.clockWasSet(by: step, to: now)
        provenance.clockWasSet(by: step)
        posts.clockWasSet(by: step)
        marking.clockWasSet(by: step)
        complaints.clockWasSet(by: step)
        telling.outbox.clockWasSet(by: step)
        for project in watches.keys { watches[project]?.clockWasSet(by: step) }
        for project in reconcilers.keys { reconcilers[project]?.clockWasSet(by: step) }
        for id in open.keys { open[id]?.clockWasSet(by: step) }
        lease.clockWasSet(by: step)
        set(.lanes, after: .zero)
        let (words, size) = step < .zero ? ("back", .zero - step) : ("forward", step)
        guard size > .seconds(1) else { return }
        log(.warning, "clock", "the clock was set \(words) by \(size.rough)")
    }

    /// Asks GitLab for its time, and asks again while the clocks disagree. In CI each look for a successor tells the
    /// time.
    mutating func askForTime() {
        guard settings.mode == .untilTold, !lifecycle.isEnding else { return }
        guard clock.unproved != .zero || clock.contradiction != nil else { return }
        decision.requests.append(.verify(project: settings.project, ref: settings.ref))
        set(.clock, after: clock.unproved == .zero ? Complaints.pause : Self.confirmation)
    }

    /// Says once an hour what is wrong with the clock, and when that is over.
    mutating func complainOfClock() {
        guard let words = clockWords else {
            if complaints.isOver(.clock) { log(.info, "clock", "this machine's clock agrees with GitLab's") }
            return
        }
        guard complaints.mayTell(.clock, at: now) else { return }
        log(.warning, "clock", words)
        set(.clock, after: clock.unproved == .zero ? Complaints.pause : Self.confirmation)
    }

    /// What is wrong with the machine's clock; nil where nothing is known to be.
    var clockWords: String? {
        if clock.unproved != .zero {
            return
                "this machine's clock was set forward, and GitLab's clock does not confirm it: the scheduler goes by "
                + "the time before the step, \(clock.unproved.rough) earlier; check this machine's clock"
        }
        guard let difference = clock.contradiction else { return nil }
        let (words, size) =
            difference < .zero ? ("behind", .zero - difference) : ("ahead of", difference)
        return
            "this machine's clock is \(size.rough) \(words) GitLab's, and the scheduler goes by this machine's: set it "
            + "right, for instance by NTP"
    }

    /// Takes back what a wrong clock or a forged run id has moved beyond the present: marks, and the rows of fire times
    /// that never ran. The scheduler decides these fire times anew when they come. A fire time that ran does not run
    /// again: its row stays.
    mutating func takeBackTheFuture() {
        guard phase == .scheduling || phase == .surveying, let present = clock.latestPresent(at: now) else {
            return
        }
        guard !jobs.places(coveredBeyond: present).isEmpty || provenance.hasRows(beyond: present) else {
            return
        }
        provenance.tookBackRows()
        // By the later of the two clocks. The tolerance beyond it is only for clocks that hardly differ.
        let time = max(now, clock.there(now))
        decision.changes.append(.withdraw(after: time))
        for run in openRuns where run.id.fireTime > time && run.state == .claimed && run.sentAt == nil {
            forget(run)
            occupy(run.id.job, -1)
        }
        let places = jobs.places(coveredBeyond: time)
        for place in places { bringBack(place, to: time) }
        let jobs = places.isEmpty ? "" : "; jobs that go back to an earlier decision: \(places.count)"
        log(
            .warning, "future",
            "a wrong clock or a forged run id left rows of fire times after \(time.rfc3339) in the ledger: the "
                + "scheduler removes those that never ran, and decides them again when they are due\(jobs)")
    }

    /// At the start outside CI, GitLab has not told its time yet, so the own clock may be the wrong one.
    mutating func tellOfTheFuture() {
        let late = now.advanced(by: Clocks.tolerance)
        guard !clock.hasAnswer, !jobs.places(coveredBeyond: late).isEmpty || provenance.hasRows(beyond: late)
        else {
            return
        }
        let words =
            "the ledger has fire times after \(late.rfc3339), from a wrong clock or a forged run id: the scheduler "
            + "decides them again when GitLab has told it the time"
        log(.warning, "future", words)
    }

    private mutating func bringBack(_ place: Int, to time: Instant) {
        let name = jobs.states[place].job.name
        let mark = min(provenance.takeLastDecided(of: name) ?? time, time)
        jobs.bringBack(place, to: mark)
        decision.changes.append(.cover(job: name, through: mark))
        if phase == .scheduling { jobs.makeDue(place) }
    }
}
