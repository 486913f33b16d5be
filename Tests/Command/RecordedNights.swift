import CivilTime
import FakeGitLab
import Foundation
import GitLab
import HTTP
import Ledger
import Scheduling
import ScriptedGitLab
import TestSupport

@testable import Orchestrator

/// Schedules one job on the simulated GitLab in virtual time, with the scheduler's own loop and ledger. The transcripts
/// on the pages show what happens here. The first pipeline fails once, the later ones fail at each attempt.
final class RecordedNights {
    /// How long a message takes from the scheduler to GitLab, or back.
    private static let way = Duration.milliseconds(180)
    private static let wakesLateBy = Duration.milliseconds(4)
    private static let firstPipeline: Int64 = 4711

    private enum Happening {
        /// Only the alarm that was set last rings.
        case alarm(number: Int)
        case answer(HTTPResponse, to: Wire<Message>.Departure)
    }

    private let path: String
    private var now: Instant
    private let executor = VirtualExecutor()
    private let wire = Wire<Message>()
    private var gitlab = FakeGitLab(RecordedNights.gitlabSettings)
    private var agenda = Agenda<Happening>()
    private var alarms = 0
    private var errands: [Errand] = []

    init(ledger path: String, from start: Instant) throws {
        self.path = path
        now = start
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private static var gitlabSettings: FakeSettings {
        var settings = FakeSettings()
        settings.projects = [FakeProject(path: "group/project")]
        settings.firstPipelineID = firstPipeline
        settings.behaviourOf = { pipeline in
            let extract = FakeJobPlan(name: "extract", stage: "build")
            let failures = pipeline.id == firstPipeline ? 1 : 3
            let tests = FakeJobPlan(name: "unit_tests", stage: "test", failures: failures)
            return FakeBehaviour(runsFor: 190_000_000, jobs: [extract, tests])
        }
        return settings
    }

    /// Schedules the job until `end`, and ends in order.
    func schedule(_ job: Job, until end: Instant) throws {
        let access = Ledger.Access.scheduling(instance: "", since: now, project: "4242")
        let ledger = try Ledger(path: path, access: access)
        var loop = try Loop(
            ledger: ledger, settings: Settings(project: "4242", ref: "main"), jobs: [job],
            surroundings: surroundings)
        step(&loop, [.event(.woke)])
        while let (at, happening) = agenda.removeFirst(dueBy: end.microseconds) {
            now = Instant(microseconds: at)
            happen(happening, &loop)
        }
        try ledger.close(at: end)
    }

    private var surroundings: Surroundings {
        Surroundings(
            clock: { [self] in ClockReading(wall: now, uptime: .microseconds(now.microseconds)) },
            start: { [self] in errands.append($0) }, arm: { [self] in arm(for: $0, $1) }, log: { _, _ in },
            isIdle: { true }, readJobs: { nil })
    }

    /// The process wakes up a little late, as each real process does, and at least once a minute.
    private func arm(for wake: Instant?, _ now: Instant) {
        alarms += 1
        let latest = now.advanced(by: .seconds(60))
        let at = max(now, min(wake ?? latest, latest)).advanced(by: Self.wakesLateBy)
        agenda.add(.alarm(number: alarms), at: at.microseconds)
    }

    private func happen(_ happening: Happening, _ loop: inout Loop) {
        switch happening {
        case .alarm(alarms): step(&loop, [.event(.woke)])
        case .alarm: break
        case .answer(let answer, let departure):
            departure.resume(.success(answer))
            send()
            let messages = wire.takeAnswers().map(\.message)
            if !messages.isEmpty { step(&loop, messages) }
        }
    }

    private func step(_ loop: inout Loop, _ messages: [Message]) {
        _ = loop.step(messages)
        let (wire, uptime) = (wire, Duration.microseconds(now.microseconds))
        let client = GitLabClient { request async throws(TransportFailure) in
            try await wire.send(request, from: 0)
        }
        let exchange = Exchange(client: client, project: "4242", uptime: { uptime })
        for errand in errands {
            Task(executorPreference: executor) {
                wire.bring(.answer(await exchange.answer(errand), to: errand.scheduler), to: 0)
            }
        }
        errands = []
        send()
    }

    /// Lets the tasks go on, and passes their requests to GitLab.
    private func send() {
        executor.drain()
        for departure in wire.takeDepartures() {
            let there = now.advanced(by: Self.way)
            let outcome = gitlab.respond(
                to: FakeRequest(departure.request, token: "fake-token"), at: there.microseconds)
            guard case .answer(let answer, _) = outcome else { continue }
            agenda.add(
                .answer(HTTPResponse(answer), to: departure), at: there.advanced(by: Self.way).microseconds)
        }
    }
}
