import CivilTime
import Scheduling
import Text

/// The marks by which a pipeline says which run it belongs to.
enum Marks {
    static let runID = "ORCHESTRATE_RUN_ID"
    /// The CI job that started this pipeline to be succeeded by a job of it.
    static let successorOf = "ORCHESTRATE_SUCCESSOR_OF"
    /// `workflow: name: 'orchestrate $ORCHESTRATE_RUN_ID'`, as `scheduler-ci.yml` advises, makes the list of
    /// pipelines enough to find a run; without it each pipeline's variables have to be read.
    private static let namePrefix = "orchestrate "

    /// The run id in a pipeline's name; nil when the name does not carry one.
    static func runID(inName name: String) -> RunID? {
        guard name.hasPrefix(namePrefix) else { return nil }
        return RunID(name.dropFirst(namePrefix.count))
    }

    /// What every pipeline is told beside its job's own variables.
    static func variables(for order: Order) -> [Variable] {
        [
            .init(key: "ORCHESTRATE_JOB", value: "true"),
            .init(key: "ORCHESTRATE_JOB_NAME", value: order.run.job),
            .init(key: runID, value: order.run.description),
            .init(key: "ORCHESTRATE_SCHEDULED_AT", value: order.run.fireTime.rfc3339),
            .init(key: "ORCHESTRATE_INSTANCE", value: order.instance),
        ]
    }
}
