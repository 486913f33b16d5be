import CivilTime
import Scheduling
import Testing

@testable import Orchestrator

/// When GitLab ends the own CI job, and what else the environment says about a scheduler.
@Suite struct DeadlineTests {
    private static let inCI = [
        "MELT_JOBS_HOME": "jobs", "CI_PIPELINE_TOKEN": "glpat-example", "CI_COMMIT_REF_NAME": "main",
        "CI_PROJECT_ID": "4242", "CI_JOB_ID": "600001",
    ]

    private func read(
        _ more: [String: String] = [:], for purpose: Configuration.Purpose = .schedule
    ) throws(ConfigurationError) -> Configuration {
        let values = Self.inCI.merging(more) { $1 }
        return try Configuration(Environment(values), flags: .init(), for: purpose)
    }

    private func problems(_ more: [String: String]) throws -> [String] {
        try #require(throws: ConfigurationError.self) { try read(more) }.problems
    }

    private func times(_ started: String, _ timeout: String, succession: String? = nil) -> [String: String] {
        var values = ["CI_JOB_STARTED_AT": started, "CI_JOB_TIMEOUT": timeout]
        values["ORCHESTRATE_SUCCESSION_SECONDS"] = succession
        return values
    }

    @Test(
        "The deadline is the start plus the timeout, exactly",
        arguments: [
            ("2026-11-23T20:00:00Z", "900", "2026-11-23T20:15:00Z", 90),
            ("2026-11-23T22:00:00+02:00", "3600", "2026-11-23T21:00:00Z", 300),
            ("2026-11-23T20:00:00.25Z", "0.5", "2026-11-23T20:00:00.75Z", 0.05),
            ("2026-11-23T20:00:00Z", "2678400", "2026-12-24T20:00:00Z", 300),
        ])
    func deadline(started: String, timeout: String, end: String, reserve: Double) throws {
        let deadline = try #require(try read(times(started, timeout)).settings.deadline)
        #expect(deadline.end == Instant(rfc3339: end))
        #expect(deadline.reserve == .seconds(reserve))
        #expect(deadline.succession == nil)
    }

    @Test(
        "The earlier of the two ends counts; both are counted from the start of the CI job",
        arguments: [
            ("86400", "23h50m", "2026-11-24T19:50:00Z"), ("3600", "23h50m", "2026-11-23T21:00:00Z"),
            ("86400", "1.5h", "2026-11-23T21:30:00Z"), ("86400", "1h30m0.5s", "2026-11-23T21:30:00.5Z"),
            ("86400", "+90m", "2026-11-23T21:30:00Z"), ("86400", "500ms", "2026-11-23T20:00:00.5Z"),
            ("86400", "0", "2026-11-24T20:00:00Z"), ("86400", "0s", "2026-11-24T20:00:00Z"),
            ("86400", "", "2026-11-24T20:00:00Z"), ("", "2h", "2026-11-23T22:00:00Z"),
        ])
    func scriptTimeout(job: String, script: String, end: String) throws {
        let values = times("2026-11-23T20:00:00Z", job).merging(["RUNNER_SCRIPT_TIMEOUT": script]) { $1 }
        #expect(try read(values).settings.deadline?.end == Instant(rfc3339: end))
    }

    @Test(arguments: ["-1h", "1d", "h", "5", "1h 30m", "1.2.3h", "ninety", "1e300h", "99999h"])
    func aBadScriptTimeoutIsRefused(_ text: String) throws {
        #expect(
            try problems(["RUNNER_SCRIPT_TIMEOUT": text])
                == ["RUNNER_SCRIPT_TIMEOUT is “\(text)”: a length of time such as 23h50m is needed"])
    }

    @Test func successionIsCountedFromTheEnd() throws {
        let settings = try read(times("2026-11-23T20:00:00Z", "900", succession: "0.25")).settings
        #expect(settings.deadline?.succession == .milliseconds(250))
    }

    @Test(arguments: ["0", "-1", "2678401", "soon", "nan", "inf", "1e300", "1h"])
    func aBadTimeoutIsRefused(_ timeout: String) throws {
        #expect(
            try problems(times("2026-11-23T20:00:00Z", timeout))
                == ["CI_JOB_TIMEOUT is “\(timeout)”: a number of seconds is needed"])
    }

    @Test(arguments: ["yesterday", "2026-11-23", "2026-11-23T20:00:00", "1795464000"])
    func aBadStartIsRefused(_ start: String) throws {
        #expect(
            try problems(times(start, "900"))
                == ["CI_JOB_STARTED_AT is “\(start)”: a time such as 2026-03-08T02:30:00Z is needed"])
    }

    @Test(arguments: ["0", "0.009", "86401", "later"])
    func aBadSuccessionIsRefused(_ succession: String) throws {
        let found = try problems(times("2026-11-23T20:00:00Z", "900", succession: succession))
        #expect(found.count == 1 && found[0].hasPrefix("ORCHESTRATE_SUCCESSION_SECONDS is “\(succession)”"))
    }

    @Test("One of the two alone says nothing; a successor cannot be started in time then")
    func incomplete() throws {
        for more in [["CI_JOB_TIMEOUT": "900"], ["CI_JOB_STARTED_AT": "2026-11-23T20:00:00Z"], [:]] {
            #expect(try read(more).settings.deadline == nil)
            let found = try problems(more.merging(["ORCHESTRATE_SUCCESSION_SECONDS": "60"]) { $1 })
            #expect(
                found == [
                    "ORCHESTRATE_SUCCESSION_SECONDS needs CI_JOB_STARTED_AT and CI_JOB_TIMEOUT, which GitLab sets"
                ])
        }
    }

    @Test("Each of the two is checked, also where the other one is not there")
    func oneAlone() throws {
        #expect(try problems(["CI_JOB_STARTED_AT": "yesterday"]).count == 1)
        #expect(try problems(["CI_JOB_TIMEOUT": "soon"]).count == 1)
        #expect(try problems(times("yesterday", "soon")).count == 2)
    }

    @Test("Outside CI and for other commands there is no end")
    func nobodysEnd() throws {
        let outside = try read(times("never", "never").merging(["CI_JOB_ID": ""]) { $1 })
        #expect(outside.settings.instance == nil && outside.settings.deadline == nil)
        for purpose in [Configuration.Purpose.trigger, .rehearse] {
            let settings = try read(times("2026-11-23T20:00:00Z", "900"), for: purpose).settings
            #expect(settings.instance == nil && settings.deadline == nil)
        }
    }

    @Test(arguments: ["0", "-600001", "600001.5", "99999999999999999999"])
    func aBadJobIDIsRefused(_ id: String) throws {
        let found = try problems(["CI_JOB_ID": id])
        #expect(found.count == 1 && found[0].hasPrefix("CI_JOB_ID is “\(id)”"))
    }

    @Test("Each interval has its variable")
    func intervals() throws {
        let settings = try read([
            "ORCHESTRATE_POLL_SECONDS": "1", "ORCHESTRATE_WATCH_SECONDS": "2",
            "ORCHESTRATE_SETTLE_SECONDS": "0",
            "ORCHESTRATE_RATE_PER_MINUTE": "0", "ORCHESTRATE_MAX_IN_FLIGHT": "1000",
        ]).settings
        #expect(settings.poll == .seconds(1) && settings.watch == .seconds(2) && settings.settle == .zero)
        #expect(settings.ratePerMinute == 0 && settings.maxInFlight == 1_000)
    }

    @Test("`trigger` needs what one POST needs")
    func trigger() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try Configuration(Environment([:]), flags: .init(), for: .trigger)
        }
        #expect(
            error.problems.map { $0.prefix { $0 != " " } }
                == ["CI_PIPELINE_TOKEN", "CI_COMMIT_REF_NAME", "CI_PROJECT_ID"])
    }
}
