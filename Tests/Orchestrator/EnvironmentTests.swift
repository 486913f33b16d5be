import Foundation
import Scheduling
import Testing

@testable import Orchestrator

@Suite struct EnvironmentTests {
    private static let complete = [
        "MELT_JOBS_HOME": "jobs", "CI_PIPELINE_TOKEN": "glpat-example", "CI_COMMIT_REF_NAME": "main",
        "CI_PROJECT_ID": "4242", "CI_JOB_ID": "",
    ]

    private func read(
        _ values: [String: String], jobs: String? = nil, for purpose: Configuration.Purpose = .schedule
    ) throws(ConfigurationError) -> Configuration {
        try Configuration(Environment(values), flags: .init(jobs: jobs), for: purpose)
    }

    @Test func theCompleteEnvironmentIsAccepted() throws {
        let configuration = try read(Self.complete)
        #expect(configuration.settings.instance == nil)
        #expect(configuration.settings.project == "4242")
        #expect(configuration.settings.poll == .seconds(10))
        #expect(configuration.settings.watch == .seconds(5))
        #expect(configuration.settings.settle == .seconds(75))
        #expect(configuration.settings.ratePerMinute == 25)
        #expect(configuration.apiURL == "https://gitlab.com/api/v4")
        #expect(configuration.ledgerPath == ".orchestrate/orchestrate.db")
    }

    @Test func everythingMissingIsListedAtOnce() throws {
        let error = try #require(throws: ConfigurationError.self) { try read(["GITLAB_CI": "true"]) }
        for name in Self.complete.keys { #expect(error.problems.contains { $0.hasPrefix(name) }, "\(name)") }
        #expect(error.problems.count == 5)
    }

    @Test(arguments: [[:], ["CI_JOB_ID": ""], ["GITLAB_CI": "false"]])
    func outsideCITheJobsFolderAndTheJobIDAreNotRequired(_ values: [String: String]) throws {
        let error = try #require(throws: ConfigurationError.self) { try read(values) }
        #expect(
            error.problems.map { $0.prefix { $0 != " " } }
                == ["CI_PIPELINE_TOKEN", "CI_COMMIT_REF_NAME", "CI_PROJECT_ID"])
        var enough = Self.complete
        enough["MELT_JOBS_HOME"] = nil
        enough["CI_JOB_ID"] = nil
        #expect(try read(enough).jobsDirectory == "jobs" && read(enough).settings.instance == nil)
        // A job id alone also says that this is CI.
        enough["CI_JOB_ID"] = "600001"
        let more = try #require(throws: ConfigurationError.self) { try read(enough) }
        #expect(more.problems.map { $0.prefix { $0 != " " } } == ["MELT_JOBS_HOME"])
    }

    @Test(arguments: ["MELT_JOBS_HOME", "CI_PIPELINE_TOKEN", "CI_COMMIT_REF_NAME", "CI_PROJECT_ID"])
    func aBlankRequiredVariableIsMissing(_ name: String) throws {
        var values = Self.complete
        values["CI_JOB_ID"] = "600001"
        values[name] = "  "
        let error = try #require(throws: ConfigurationError.self) { try read(values) }
        #expect(error.problems.count == 1)
        #expect(error.problems[0].hasPrefix("\(name) is not set"))
    }

    @Test func theJobIDMustBeSetInCI() throws {
        var values = Self.complete
        values["GITLAB_CI"] = "true"
        #expect(throws: ConfigurationError.self) { try read(values) }
        values["CI_JOB_ID"] = nil
        #expect(throws: ConfigurationError.self) { try read(values) }
        values["CI_JOB_ID"] = "600001"
        #expect(try read(values).settings.instance == 600_001)
        values["CI_JOB_ID"] = "six"
        #expect(throws: ConfigurationError.self) { try read(values) }
    }

    @Test func aRehearsalNeedsNothing() throws {
        #expect(try read([:], for: .rehearse).jobsDirectory == "jobs")
    }

    @Test func aFlagStandsForTheJobsVariable() throws {
        var values = Self.complete
        values["MELT_JOBS_HOME"] = nil
        #expect(try read(values, jobs: "elsewhere").jobsDirectory == "elsewhere")
    }

    @Test(arguments: [
        ("ORCHESTRATE_POLL_SECONDS", "soon"), ("ORCHESTRATE_WATCH_SECONDS", "-1"),
        ("ORCHESTRATE_WATCH_SECONDS", "0"), ("ORCHESTRATE_SETTLE_SECONDS", "1e300"),
        ("ORCHESTRATE_SETTLE_SECONDS", "nan"), ("ORCHESTRATE_RATE_PER_MINUTE", "2.5"),
        ("ORCHESTRATE_RATE_PER_MINUTE", "99999999999999999999"), ("ORCHESTRATE_MAX_IN_FLIGHT", "0"),
    ])
    func aBadNumberIsRefusedWithItsName(_ name: String, _ value: String) throws {
        let values = Self.complete.merging([name: value]) { $1 }
        let error = try #require(throws: ConfigurationError.self) { try read(values) }
        #expect(error.problems.count == 1)
        #expect(error.problems[0].contains(name) && error.problems[0].contains(value))
    }

    @Test(
        arguments: [
            ("auto", nil), ("variables", .variables), ("inputs", .inputs),
        ] as [(String, MarkKind?)])
    func theKindOfMarksIsReadFromTheEnvironment(_ word: String, _ kind: MarkKind?) throws {
        #expect(try read(Self.complete.merging(["ORCHESTRATE_MARK": word]) { $1 }).settings.mark == kind)
        #expect(try read(Self.complete).settings.mark == nil)
    }

    @Test func anUnknownKindOfMarksIsRefused() throws {
        let values = Self.complete.merging(["ORCHESTRATE_MARK": "Inputs"]) { $1 }
        let error = try #require(throws: ConfigurationError.self) { try read(values) }
        #expect(
            error.problems == ["ORCHESTRATE_MARK is “Inputs”: auto, variables or inputs is needed"])
    }

    @Test func fractionsOfSecondsAreAccepted() throws {
        let values = Self.complete.merging(["ORCHESTRATE_POLL_SECONDS": "0.25"]) { $1 }
        #expect(try read(values).settings.poll == .milliseconds(250))
        #expect(try read(values).settings.lease == .milliseconds(750))
    }

    @Test(arguments: ["two words", "line\nbreak", "käse"])
    func aStrangeTokenIsRefusedWithoutBeingShown(_ token: String) throws {
        let values = Self.complete.merging(["CI_PIPELINE_TOKEN": token]) { $1 }
        let error = try #require(throws: ConfigurationError.self) { try read(values) }
        #expect(!error.description.contains(token))
    }

    @Test func theTokenFileIsNamedWhenItCannotBeRead() throws {
        var values = Self.complete
        values["CI_PIPELINE_TOKEN"] = nil
        values["CI_PIPELINE_TOKEN_FILE"] = "/nowhere/token"
        let error = try #require(throws: ConfigurationError.self) { try read(values) }
        #expect(error.description.contains("/nowhere/token"))
    }

    private func tokenFile(_ path: String) throws -> ConfigurationError? {
        var values = Self.complete
        values["CI_PIPELINE_TOKEN"] = nil
        values["CI_PIPELINE_TOKEN_FILE"] = path
        do throws(ConfigurationError) {
            #expect(try read(values).token == "glpat-example")
            return nil
        } catch {
            return error
        }
    }

    /// A pipe that nobody writes to would delay the start without end, and a cut token would be a wrong one.
    @Test(.timeLimit(.minutes(1))) func aTokenFileIsARegularOneAndIsReadWhole() throws {
        let folder = NSTemporaryDirectory() + "token-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(mkfifo(folder + "/pipe", 0o600) == 0)
        #expect(try tokenFile(folder + "/pipe")?.description.contains("is a pipe") == true)
        #expect(try tokenFile(folder)?.description.contains("Is a directory") == true)
        #expect(try tokenFile("/dev/zero")?.description.contains("is a device") == true)
        for (blanks, isGood) in [(0, true), (4_096 - 14, true), (4_096 - 13, false)] {
            let text = "glpat-example\n" + String(repeating: " ", count: blanks)
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/token"))
            #expect(try (tokenFile(folder + "/token") == nil) == isGood, "\(blanks) blanks")
        }
        try Data((String(repeating: "x", count: 4_096) + "rest").utf8).write(
            to: URL(fileURLWithPath: folder + "/token"))
        #expect(try tokenFile(folder + "/token")?.description.contains("larger than 4096 bytes") == true)
    }

    @Test func aTokenInPlaceOfItsFileIsNotShown() throws {
        let error = try #require(try tokenFile("glpat-0123456789"))
        #expect(error.description.contains("CI_PIPELINE_TOKEN_FILE"))
        #expect(!error.description.contains("0123456789"))
    }

    @Test func everyVariableOfTheListHasAMeaningAndOneName() {
        let names = EnvironmentVariable.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(EnvironmentVariable.all.allSatisfy { !$0.meaning.isEmpty })
    }
}
