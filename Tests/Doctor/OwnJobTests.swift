import Doctor
import FakeGitLab
import Testing

/// The scheduler's own CI job, as `scheduler-ci.yml` has it.
@Suite struct OwnJobTests {
    @Test("What the job does not inherit is not judged", arguments: [true, false])
    func inherit(inherits: Bool) async throws {
        let clinic = try Clinic()
        clinic.replace("workflow:", with: "default:\n  interruptible: true\nworkflow:")
        clinic.replace(
            "  interruptible: false", with: inherits ? "  stage: .post" : "  inherit:\n    default: false")
        let checks = await clinic.examine()
        #expect(checks[.schedulerJob]?.verdict == (inherits ? .warning : .ok), "\(checks.faults)")
    }

    @Test("A rule for pushes behind one that keeps runs out says nothing of runs", arguments: [true, false])
    func changes(keepsOut: Bool) async throws {
        let clinic = try Clinic()
        if !keepsOut {
            clinic.replace("  - - if: $ORCHESTRATE_JOB_NAME\n      when: never\n    - if", with: "  - - if")
        }
        let message = try #require(await clinic.examine()[.ciJob]?.message)
        #expect(message.contains("`rules:changes`") == !keepsOut, "\(message)")
    }

    @Test("A schedule may start the scheduler whatever its variables, where the file does not ask for one")
    func anySchedule() async throws {
        let clinic = try Clinic()
        clinic.facts { $0.schedules[0].variables = [:] }
        clinic.replace(
            "$ORCHESTRATE_START == \"true\"",
            with: "$ORCHESTRATE_START == \"true\" || $CI_PIPELINE_SOURCE == \"schedule\"")
        #expect(await clinic.examine()[.successor]?.verdict == .ok)
    }

    @Test("A schedule without ORCHESTRATE_START starts no scheduler where the file asks for it")
    func needsStart() async throws {
        let clinic = try Clinic()
        clinic.facts { $0.schedules[0].variables = [:] }
        #expect(await clinic.examine()[.successor]?.verdict == .failure)
    }

    @Test("In a CI job of its own, doctor judges the scheduler's job", arguments: [true, false])
    func ownJob(isGood: Bool) async throws {
        let clinic = try Clinic()
        clinic["CI_JOB_NAME"] = "doctor"
        clinic["CI_JOB_TIMEOUT"] = "3600"
        if !isGood { clinic.replace("interruptible: false", with: "interruptible: true") }
        let checks = await clinic.examine()
        #expect(checks[.schedulerJob]?.verdict == (isGood ? .ok : .warning), "\(checks.faults)")
        #expect(checks[.successor]?.verdict == .ok && checks[.schedulerJob]?.target == "orchestrate")
    }

    @Test("Only its owner and Maintainers see the variables of a schedule")
    func unseen() async throws {
        let check = try #require(await Clinic(.developer).examine()[.successor])
        #expect(check.verdict == .unknown && check.message.contains("ORCHESTRATE_START: ask"))
    }
}
