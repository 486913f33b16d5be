public import CivilTime
public import Doctor
import GitLab
import HTTP
public import JobFiles
public import Scheduling

/// `orchestrate doctor`: gathers what is judged, here and from GitLab.
public struct Diagnosis: Sendable {
    private let environment: Environment
    var facts: Facts

    /// `loaded`: the job files; `jobs`: those of them that are meant.
    public init(
        _ environment: Environment, flags: Configuration.Flags, loaded: LoadedJobs, jobs: [Job], now: Instant
    ) {
        var ignored: [String] = []
        self.environment = environment.withoutTrimmings(&ignored)
        let local = LocalLook(environment: environment, flags: flags, now: now)
        facts = Facts(now: now, local: local.facts(loaded, jobs: jobs), jobs: jobs)
        facts.project = self.environment[.project].flatMap { $0.isProject ? $0 : nil }
        facts.ref = self.environment[.ref].flatMap { $0.isRef ? $0 : nil }
        facts.own = ownJob(local.ledgerPath)
        facts.marking = Facts.Marking(rawValue: self.environment.setting(.mark)) ?? .auto
    }

    /// Whether `run` could not start in this environment.
    public static func isIncomplete(_ facts: Facts) -> Bool { !facts.local.environment.problems.isEmpty }

    private func ownJob(_ ledger: String) -> OwnJob? {
        guard environment[.jobID] != nil else { return nil }
        let seconds = environment[.jobTimeout].flatMap { Double($0) }
        let isLength = seconds.map { (0...31 * 86_400).contains($0) } ?? false
        let timeout = isLength ? seconds.map { Duration.milliseconds(Int64($0 * 1_000)) } : nil
        let script = environment[.scriptTimeout].flatMap { Duration(runner: $0) }.flatMap {
            $0 > .zero ? $0 : nil
        }
        return OwnJob(
            name: environment.values["CI_JOB_NAME"] ?? "orchestrate",
            timeout: [timeout, script].compactMap(\.self).min(),
            startsSuccessor: environment[.succession] != nil,
            ledger: environment.values["CI_PROJECT_DIR"].map { directory in
                let top = directory.hasSuffix("/") ? directory : directory + "/"
                let below = ledger.hasPrefix(top) ? String(ledger.dropFirst(top.count)) : ledger
                return below.hasPrefix("./") ? String(below.dropFirst(2)) : below
            })
    }

    /// What is known without a request.
    public func offline() -> Facts {
        var facts = facts
        facts.silence = "--offline"
        return facts
    }

    /// What is known after all requests. `tell` hears why it takes a while.
    public func online(tell: @escaping (String) -> Void) async -> Facts {
        var facts = facts
        var problems: [String] = []
        guard let token = environment.readToken(problems: &problems) else {
            facts.silence = "CI_PIPELINE_TOKEN is not set, or is no token"
            return facts
        }
        do throws(TransportSetupError) {
            let settings = try HTTPTransport.Settings(
                baseURL: environment.setting(.api), token: Secret(token), version: version,
                environment: environment.values, maximumConnections: 4)
            let transport = try HTTPTransport(settings)
            facts = await ask(.init(transport, values: facts.secretValues), tell: tell)
            await transport.shutdown()
        } catch {
            facts.silence = error.description
        }
        return facts
    }

    func ask(_ connection: Consultation.Connection, tell: @escaping (String) -> Void) async -> Facts {
        var facts = facts
        var consultation = Consultation(facts, environment: environment, connection: connection, tell: tell)
        facts.site = await consultation.ask()
        return facts
    }
}

extension Facts {
    /// What job files set may be secret, and a lint may repeat it in its errors. Shorter ones are words such as `true`.
    var secretValues: [Secret] {
        jobs.flatMap { $0.variables.map(\.value) }.filter { $0.utf8.count >= 6 }.map { Secret($0) }
    }
}

extension Consultation.Connection {
    /// `values`: what no text may show beside the token.
    init(_ transport: HTTPTransport, values: [Secret]) {
        let ears = Ears()
        self.init(
            client: .onlyReading(
                hiding: { transport.secrets + values },
                send: { (request) async throws(TransportFailure) in
                    let start = Instant.clock()
                    let response = try await transport.send(request)
                    ears.hear(response, from: start, to: .clock())
                    return response
                }),
            heard: { ears.heard }, uptime: ClockReading.currentUptime,
            sleep: { try? await Task.sleep(for: $0) })
    }
}
