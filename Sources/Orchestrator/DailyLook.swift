import CivilTime
import Doctor
import GitLab
import HTTP
import Scheduling

/// What a scheduler looks at beside its start and once a day: its token, its role, its refs. It only logs; the loop never
/// waits for it.
struct DailyLook: Sendable {
    private static let ids: Set<CheckID> = [
        .token, .tokenScope, .tokenExpiry, .project, .archived, .role, .roleExpiry, .ref, .protectedRef,
    ]
    /// Until the next look: after one that told something, and after one that GitLab did not answer.
    static let pauses = (usual: Duration.seconds(86_400), unanswered: Duration.seconds(900))

    private static let mostLines = 20

    private let environment: Environment
    private let settings: Settings
    private let connection: @Sendable () -> Consultation.Connection

    init(_ configuration: Configuration, connection: @escaping @Sendable () -> Consultation.Connection) {
        environment = configuration.environment
        settings = configuration.settings
        self.connection = connection
    }

    /// What is wrong, a line each; one line where nothing is. Nil where GitLab cannot be reached or refuses the token:
    /// the loop logs that already.
    func notices(_ jobs: [Job], at now: Instant) async -> [Notice]? {
        var facts = Facts(now: now, local: LocalFacts(), jobs: jobs)
        (facts.project, facts.ref) = (settings.project, settings.ref)
        var consultation = Consultation(
            facts, environment: environment, connection: connection(), tell: { _ in })
        let site = await consultation.askBriefly()
        guard !site.isSilent, !site.refusesToken else { return nil }
        facts.site = site
        let checks = facts.checks.filter { Self.ids.contains($0.id) }
        let bad = checks.filter { $0.verdict == .failure || $0.verdict == .warning }
        guard bad.isEmpty else { return Self.notices(bad) }
        let words =
            checks.contains { $0.verdict == .unknown }
            ? "found nothing wrong with token, role and refs, but GitLab did not tell all: try `orchestrate doctor`"
            : "token, role and refs look good"
        return [Notice(.info, "doctor", "doctor: \(words)")]
    }

    /// What the scheduler tells channels of a line; nil: nothing. Once a day for a token that ends soon.
    static func event(for notice: Notice, at now: Instant) -> Event? {
        guard notice.message.hasPrefix(words(of: .tokenExpiry)) else { return nil }
        let day = now.rfc3339.prefix(10)
        return .noticed(.tokenExpires, notice.message, subject: "token_expires@\(day)")
    }

    private static func words(of id: CheckID) -> String { "doctor: \(id.rawValue): " }

    private static func notices(_ bad: [Check]) -> [Notice] {
        let more = bad.count - mostLines
        let rest = "doctor: and \(more) more, which `orchestrate doctor` shows"
        return bad.prefix(mostLines).map(notice) + (more > 0 ? [Notice(.warning, "doctor", rest)] : [])
    }

    private static func notice(_ check: Check) -> Notice {
        let target = check.target.map { "\($0): " } ?? ""
        let fix = check.fix.map { "; try: \($0)" } ?? ""
        return Notice(
            check.verdict == .failure ? .error : .warning, "doctor",
            "\(words(of: check.id))\(target)\(check.message)\(fix)")
    }
}

extension Service {
    /// Looks now and once a day until it is canceled, beside the loop.
    func lookDaily(_ jobs: [Job], telling inbox: Inbox) -> Task<Void, Never>? {
        guard let look else { return nil }
        // Not on the shared threads, see `QueueExecutor`.
        return Task(executorPreference: QueueExecutor("orchestrate.look")) {
            while !Task.isCancelled {
                let notices = await look(jobs)
                guard !Task.isCancelled else { return }
                for notice in notices ?? [] {
                    log.write(notice, at: .clock())
                    DailyLook.event(for: notice, at: .clock()).map { inbox.post(.event($0)) }
                }
                let pauses = DailyLook.pauses
                try? await Task.sleep(for: notices == nil ? pauses.unanswered : pauses.usual)
            }
        }
    }
}
