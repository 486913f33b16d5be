import CivilTime
import GitLab
import Ledger
import Scheduling

extension PipelineOrder {
    init(_ order: Order) {
        switch order.mark {
        case .variables:
            self.init(
                ref: order.ref, variables: order.job.variables + Marks.variables(for: order),
                inputs: Marks.ownInputs(for: order))
        case .inputs: self.init(ref: order.ref, inputs: Marks.inputs(for: order))
        }
    }
}

extension Sighting {
    init(_ row: PipelineRow) {
        self.init(
            run: row.name.flatMap { Marks.runID(inName: $0) },
            pipeline: Pipeline(id: row.id, url: row.webURL ?? ""), progress: Progress(row),
            ref: row.ref, createdAt: row.createdAt, changedAt: row.updatedAt, finishedAt: row.finishedAt)
    }
}

extension Progress {
    init(_ row: PipelineRow) {
        switch row.status {
        case .created, .waitingForResource, .preparing, .waitingForCallback, .pending, .running, .canceling,
            .scheduled:
            self = .going
        case .success: self = .succeeded
        case .failed: self = .failed
        case .canceled: self = .canceled
        case .skipped: self = .skipped
        case .manual: self = .blocked
        case nil: self = .unknown(row.statusWord)
        }
    }
}

extension CIJob {
    init(_ row: JobRow, isTrigger: Bool = false) {
        let status: Status =
            switch row.status {
            case .failed: .failed
            case .canceled: .canceled
            // A manual job that nobody started is no reason to wait.
            case .success, .skipped, .manual: .over
            case .created, .waitingForResource, .preparing, .waitingForCallback, .pending, .running,
                .canceling, .scheduled, nil:
                .open
            }
        self.init(
            id: row.id, name: row.name, status: status, mayFail: row.allowFailure, createdAt: row.createdAt,
            finishedAt: row.finishedAt, isTrigger: isTrigger, stage: row.stage,
            failureReason: row.failureReason)
    }
}

extension Instance {
    init(_ row: JobRow) {
        self.init(
            id: row.id, name: row.name, ref: row.ref ?? "", createdAt: row.createdAt ?? .distantPast,
            startedAt: row.startedAt, status: Status(row))
    }
}

extension Instance.Status {
    init(_ row: JobRow) {
        switch row.status {
        case .running: self = .running
        case .waitingForResource: self = .waiting
        case .canceling: self = .ending
        // Without a start it never had a process.
        case .success, .failed, .canceled, .skipped:
            let end = row.finishedAt
            self = row.startedAt == nil ? .idle : .over(isSuccess: row.status == .success, at: end)
        case .created, .preparing, .waitingForCallback, .pending, .manual, .scheduled, nil: self = .idle
        }
    }
}

extension Roster {
    init(_ list: RowList<JobRow>) {
        self.init(
            instances: list.rows.map(Instance.init), isComplete: list.isComplete, serverTime: list.serverTime)
    }
}

extension Trouble {
    init(_ failure: APIFailure) {
        let words = failure.words
        self =
            switch failure.kind {
            case .refused, .notRetryable: .refused(words)
            case .variablesForbidden, .inputsRefused: .markRefused(words)
            case .unauthorized: .unauthorized(words)
            case .notFound: .gone(words)
            case .limited: .limited(words, retryAfter: failure.retryAfter)
            case .rateLimited: .throttled(words, retryAfter: failure.retryAfter)
            case .faulty: .faulty(words)
            case .unavailable: .unavailable(words)
            case .uncertain, .malformed: .uncertain(words)
            }
    }
}

extension Past {
    /// `instance`: the own one.
    init(_ state: LedgerState, of instance: Int64?) {
        self.init(
            last: state.lastSession.map { Session(instance: Int64($0.instance), endedAt: $0.endedAt) },
            isLatest: state.isLatest, unknownPostsUntil: state.unknownPostsUntil,
            usedHereAt: state.usedHereAt, othersPostedUntil: state.othersPostedUntil,
            begins: state.sessions.filter { Int64($0.instance) == instance }.map(\.begunAt),
            newestFireTime: state.newestFireTime, lastDecided: state.lastDecided, markings: state.markings)
        outbox = state.outbox
        incidents = state.incidents
    }
}

extension Event {
    static func noticed(putAside replaced: Notice, at now: Instant) -> Event {
        .noticed(.ledgerPutAside, replaced.message, subject: "ledger_put_aside@\(now.rfc3339)")
    }
}

extension Notice {
    /// A ledger that was of no use has been put aside.
    static func replaced(_ replacement: Replacement) -> Notice {
        Notice(
            .warning, "ledger",
            "\(replacement); the scheduler reads from GitLab's pipelines what the old one knew, as far as they go back"
        )
    }
}
