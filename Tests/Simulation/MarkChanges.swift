import CivilTime
import FakeGitLab
import Scheduling
import TestSupport

/// How the project of a scenario takes marks.
enum MarkRule: CaseIterable {
    /// As variables. The CI file declares no inputs.
    case variables
    /// As inputs. Nobody may set pipeline variables.
    case inputs
    /// A Maintainer forbids and allows pipeline variables by turns, and the CI file declares inputs at least meanwhile.
    case changing

    /// The job has the instance as an input, so that a pipeline made with inputs tells who posted it.
    func change(_ jobs: inout [Job]) {
        guard self != .variables else { return }
        for index in jobs.indices {
            jobs[index].inputs.append(.init(name: "instance", value: .text("$ORCHESTRATE_INSTANCE")))
        }
    }

    func change(_ gitlab: inout FakeSettings, _ random: inout SplitMix) {
        gitlab.projects[0].allows(self == .inputs ? .inputs : .variables)
        guard self != .variables else { return }
        // Both forms name a pipeline made with inputs; only the first names one made with variables.
        gitlab.nameTemplate = random.pick(
            ["orchestrate $ORCHESTRATE_RUN_ID", "orchestrate $[[ inputs.orchestrate_run_id ]]"],
            or: "orchestrate $ORCHESTRATE_RUN_ID")
    }
}

extension FakeProject {
    /// Takes marks of this kind, and refuses the other kind.
    fileprivate mutating func allows(_ kind: MarkKind) {
        variablesRole = kind == .inputs ? "no_one_allowed" : "developer"
        facts.ciFile?.inputs =
            kind == .inputs
            ? ["orchestrate_run_id", "orchestrate_job_name", "orchestrate_successor_of", "instance", "level"]
            : ["instance", "level"]
    }
}

extension Simulation {
    /// Plans the next change of the project's settings.
    func planMarkChange(until end: Instant) {
        guard scenario.marks == .changing else { return }
        let delay = random.seconds(1...max(2, scenario.pauseSeconds * 2))
        guard now.advanced(by: delay) < end else { return }
        plan(after: delay) { simulation in
            let forbids = simulation.gitlab.settings.projects[0].variablesRole == "developer"
            simulation.tell("the project takes marks as \(forbids ? "inputs" : "variables")")
            simulation.gitlab.settings.projects[0].allows(forbids ? .inputs : .variables)
            simulation.record.markChanges.append(simulation.now)
            simulation.planMarkChange(until: end)
        }
    }
}

extension Invariants {
    /// GitLab refused both kinds of marks, because the project's settings changed between the two POSTs.
    func isRefusedInAChange(_ row: Run) -> Bool {
        guard let sent = row.sentAt, let end = row.finishedAt, let reason = row.reason,
            reason.contains("And as "), reason.contains("Insufficient permissions"),
            reason.contains("Given inputs")
        else {
            return false
        }
        // The process may have stood still between the first POST and the second one.
        let begin = sent.advanced(by: .seconds(-1_000))
        return simulation.record.markChanges.contains { begin < $0 && $0 < end.advanced(by: .seconds(40)) }
    }

    /// The answer to a POST with inputs was lost, or another instance may have sent one, before the ledger knew a pipeline that was made with inputs: nothing
    /// shows yet that such pipelines have names. A project that jobs name by its path and by its id is learned twice.
    func wasPostedUnproved(_ row: Run) -> Bool {
        guard scenario.marks != .variables, row.state == .lost, row.pipeline == nil, let end = row.finishedAt,
            row.mark == .inputs || row.sentAt == nil
        else { return false }
        let shown = end.advanced(by: .seconds(-300))
        return !pipelines.contains { pipeline in
            guard let other = rowOf[pipeline.runID ?? ""], let seen = seenPipelines[other.id] else {
                return false
            }
            return seen < shown && other.mark == .inputs && other.pipeline?.id == pipeline.id
                && other.project == row.project
        }
    }
}

extension Scenario {
    /// Whether the name of every pipeline shows its run id.
    var areNamed: Bool { gitlab.nameTemplate?.contains("$ORCHESTRATE_RUN_ID") ?? false }
}

extension FakePipeline {
    /// The instance that posted it.
    var poster: String { variable("ORCHESTRATE_INSTANCE") ?? variable("instance") ?? "" }
}
