import CivilTime
import Cron
import Doctor
import GitLab
import HTTP
import Scheduling
import Synchronization
import Text

/// Asks GitLab everything that can be known beforehand, one request after the other. Nothing is changed there.
struct Consultation {
    /// What each answer tells beside its body.
    struct Heard {
        var clockAhead: [Duration] = []
        var requestLimit: Int?
    }

    /// Runners whose tags are looked at, each with a request.
    private static let mostRunners = 20
    /// Pipeline schedules whose variables are looked at, each with a request.
    private static let mostSchedules = 10

    let client: GitLabClient
    let heard: @Sendable () -> Heard
    let uptime: () -> Duration
    let sleep: (Duration) async -> Void
    /// Told while nothing seems to happen.
    let tell: (String) -> Void
    let zones: ZoneDatabase
    let environment: Environment
    /// What is known without GitLab.
    let facts: Facts

    var pace = LintPace()
    var site: SiteFacts

    init(_ facts: Facts, environment: Environment, connection: Connection, tell: @escaping (String) -> Void) {
        self.facts = facts
        self.environment = environment
        site = SiteFacts(url: EnvironmentVariable.api.shown(environment.setting(.api)))
        site.wrongKind = environment.tokenKind
        self.tell = tell
        client = connection.client
        heard = connection.heard
        uptime = connection.uptime
        sleep = connection.sleep
        zones = ZoneDatabase(directory: environment[.zoneDirectory])
    }

    /// How GitLab is reached, and the time: real in the command, virtual in tests.
    struct Connection {
        var client: GitLabClient
        var heard: @Sendable () -> Heard
        var uptime: () -> Duration
        var sleep: (Duration) async -> Void
    }

    mutating func ask() async -> SiteFacts {
        site.version = await told(try await client.siteVersion())
        guard !site.isSilent else { return site }
        if await askAboutToken() {
            for name in targets.map(\.project).unique { await askAbout(project: name) }
            for target in targets { await askAbout(target) }
        }
        site.clockAhead = heard().clockAhead
        site.requestLimit = heard().requestLimit
        return site
    }

    /// Token, roles and refs only: two requests for each project, and one for each ref.
    mutating func askBriefly() async -> SiteFacts {
        guard await askAboutToken() else { return site }
        for name in targets.map(\.project).unique { site.projects.append(await member(of: name)) }
        for target in targets {
            guard let id = site.project(target.project)?.known?.id else { continue }
            site.refs.append(await refFacts(target, String(id)))
        }
        return site
    }

    /// Whether there is more to ask: GitLab answers, and takes the token.
    private mutating func askAboutToken() async -> Bool {
        site.token = await told(try await client.token())
        guard !site.isSilent, !site.refusesToken else { return false }
        site.user = await told(try await client.user())
        return true
    }

    struct Target: Hashable {
        var project: String
        var ref: String
    }

    func refFacts(_ target: Target, _ project: String) async -> RefFacts {
        RefFacts(
            project: target.project, ref: target.ref,
            row: await told(try await client.findRef(project: project, ref: target.ref)))
    }

    /// Where jobs run, and where the scheduler itself does.
    private var targets: [Target] {
        let own = facts.own == nil && !facts.jobs.isEmpty ? [] : [(facts.project, facts.ref)]
        let all =
            own + facts.jobs.filter(\.isEnabled).map { ($0.project ?? facts.project, $0.ref ?? facts.ref) }
        return all.compactMap { project, ref in
            project.flatMap { project in ref.map { Target(project: project, ref: $0) } }
        }.unique
    }

    func told<Value>(_ request: @autoclosure () async throws(APIFailure) -> Value) async -> Told<Value> {
        do throws(APIFailure) {
            return .success(try await request())
        } catch {
            return .failure(error)
        }
    }

    /// The project, and the role in it.
    private func member(of name: String) async -> ProjectFacts {
        var found = ProjectFacts(name: name, row: await told(try await client.project(name)))
        guard let row = found.known else { return found }
        if let user = (try? site.token?.get())?.userID ?? (try? site.user?.get())?.id {
            found.member = await told(try await client.member(project: String(row.id), user: user))
        }
        return found
    }

    private mutating func askAbout(project name: String) async {
        var found = await member(of: name)
        defer { site.projects.append(found) }
        guard let row = found.known else { return }
        let id = String(row.id)
        found.schedules = await schedules(of: name, id)
            .map { $0.map { PipelineSchedule(row: $0, times: times($0.cron, $0.zone)) } }
        found.freezes = await told(try await client.freezePeriods(project: id))
            .map { $0.map { FreezePeriod(start: times($0.start, $0.zone), end: times($0.end, $0.zone)) } }
        found.runners = await runners(of: id)
    }

    /// Where the own CI job is one of the project, with the variables of those on its ref.
    private func schedules(of name: String, _ project: String) async -> Told<[ScheduleRow]> {
        let listed = await told(try await client.schedules(project: project))
        guard case .success(var rows) = listed, facts.own != nil, name == facts.project else { return listed }
        let own = rows.indices.filter { facts.isOnOwnRef(rows[$0]) }
        for index in own.prefix(Self.mostSchedules) {
            let row = await told(try await client.schedule(rows[index].id, project: project))
            rows[index].saysStart = (try? row.get())?.saysStart
        }
        return .success(rows)
    }

    /// GitLab names zones as Rails does, too: those are not understood.
    private func times(_ cron: String?, _ zone: String?) -> Schedule? {
        guard let cron, let expression = try? CronExpression(cron),
            let zone = try? zones.zone(named: zone ?? "UTC")
        else { return nil }
        return Schedule(expression, in: zone)
    }

    private func runners(of project: String) async -> Told<[RunnerRow]> {
        let listed = await told(try await client.onlineRunners(project: project))
        guard case .success(var rows) = listed else { return listed }
        for index in rows.indices.prefix(Self.mostRunners) {
            let row = await told(try await client.runner(rows[index].id))
            guard case .success(let row) = row else { continue }
            (rows[index].tags, rows[index].runsUntagged) = (row.tags, row.runsUntagged)
        }
        return .success(rows)
    }
}
