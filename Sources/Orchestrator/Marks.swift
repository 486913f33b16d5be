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
    static let nameWithoutRunID = "orchestrate"

    /// The run id in a pipeline's name; nil when the name does not carry one.
    static func runID(inName name: String) -> RunID? {
        guard name.hasPrefix(namePrefix) else { return nil }
        return RunID(name.dropFirst(namePrefix.count))
    }

    /// A pipeline's name that carries its run id.
    static func name(for id: RunID) -> String { namePrefix + id.description }

    /// What a job may ask for by name: `$ORCHESTRATE_RUN_ID` and its like.
    private static func told(_ order: Order) -> [Variable] {
        [
            .init(key: "ORCHESTRATE_JOB_NAME", value: order.run.job),
            .init(key: runID, value: order.run.description),
            .init(key: "ORCHESTRATE_SCHEDULED_AT", value: order.run.fireTime.rfc3339),
            .init(key: "ORCHESTRATE_INSTANCE", value: order.instance),
            .init(key: "ORCHESTRATE_INTERVAL_START", value: order.interval?.start?.rfc3339 ?? ""),
            .init(key: "ORCHESTRATE_INTERVAL_END", value: order.interval?.end.rfc3339 ?? ""),
        ]
    }

    /// The variables that the scheduler sends to every pipeline, besides those of the job.
    static func variables(for order: Order) -> [Variable] {
        [.init(key: "ORCHESTRATE_JOB", value: "true")] + told(order)
    }

    /// All inputs of a pipeline without variables: the two marks, the job's own inputs, and its variables as texts.
    static func inputs(for order: Order) -> [Input] {
        [
            Input(name: MarkInput.runID.rawValue, value: .text(order.run.description)),
            Input(name: MarkInput.jobName.rawValue, value: .text(order.run.job)),
        ] + ownInputs(for: order)
            + order.job.variables.map { Input(name: $0.key, value: replaced(.text($0.value), told(order))) }
    }

    /// The job's own inputs. GitLab does not expand variables in inputs, so what they ask for is put in here.
    static func ownInputs(for order: Order) -> [Input] {
        guard !order.job.inputs.isEmpty else { return [] }
        let told = told(order)
        return order.job.inputs.map { Input(name: $0.name, value: replaced($0.value, told)) }
    }

    /// The input by which a pipeline contains the CI job of a successor.
    static func successorInput(of own: Int64) -> Input {
        Input(name: MarkInput.successorOf.rawValue, value: .text("\(own)"))
    }

    private static func replaced(_ value: InputValue, _ told: [Variable]) -> InputValue {
        switch value {
        case .text(let text): .text(told.first { "$" + $0.key == text }?.value ?? text)
        case .array(let values): .array(values.map { replaced($0, told) })
        case .number, .boolean: value
        }
    }

    private static func declaration(of value: InputValue) -> String {
        switch value {
        case .text: "{default: ''}"
        case .number: "{type: number, default: 0}"
        case .boolean: "{type: boolean, default: false}"
        case .array: "{type: array, default: []}"
        }
    }

    /// What to write into the CI file so that it takes these inputs.
    static func advice(for inputs: [Input]) -> String {
        let lines = inputs.map { "\($0.name): \(declaration(of: $0.value))" }.joined(separator: ", ")
        return
            "Under `spec: inputs:` at the top of the CI file of this ref, add the missing ones of these inputs: \(lines); see scheduler-ci.yml."
    }
}
