public import Cron

/// A job as its file declares it: when to create which pipeline, and what to do when that goes wrong.
///
/// A value of one word, whatever it consists of: open runs, orders and effects hold it by the thousand.
public struct Job: Hashable, Sendable {
    public var name: String {
        get { box.fields.name }
        set { own.fields.name = newValue }
    }
    public var schedule: Schedule {
        get { box.fields.schedule }
        set { own.fields.schedule = newValue }
    }
    public var variables: [Variable] {
        get { box.fields.variables }
        set { own.fields.variables = newValue }
    }
    /// Typed pipeline inputs (GitLab 18.1 and later), in the order of the file.
    public var inputs: [Input] {
        get { box.fields.inputs }
        set { own.fields.inputs = newValue }
    }
    /// How often each failed CI job of a pipeline may be retried.
    public var retries: Int {
        get { box.fields.retries }
        set { own.fields.retries = newValue }
    }
    /// Branch or tag; nil: the environment's.
    public var ref: String? {
        get { box.fields.ref }
        set { own.fields.ref = newValue }
    }
    /// Project id or path; nil: the environment's.
    public var project: String? {
        get { box.fields.project }
        set { own.fields.project = newValue }
    }
    public var overlap: OverlapPolicy {
        get { box.fields.overlap }
        set { own.fields.overlap = newValue }
    }
    public var catchUp: CatchUpPolicy {
        get { box.fields.catchUp }
        set { own.fields.catchUp = newValue }
    }
    /// How late a fire time may still run; nil: any lateness.
    public var misfireGrace: Duration? {
        get { rare.misfireGrace }
        set { rare.misfireGrace = newValue }
    }
    /// Fire times are spread over this long by a hash of the job's name.
    public var jitter: Duration {
        get { rare.jitter }
        set { rare.jitter = newValue }
    }
    /// The pipeline is cancelled when it has run this long; nil: never.
    public var timeout: Duration? {
        get { rare.timeout }
        set { rare.timeout = newValue }
    }
    public var isEnabled: Bool {
        get { box.fields.isEnabled }
        set { own.fields.isEnabled = newValue }
    }
    public var details: String? {
        get { rare.details }
        set { rare.details = newValue }
    }

    private var box: Box

    public init(name: String, schedule: Schedule) {
        box = Box(Fields(name: name, schedule: schedule))
    }

    /// The box to write into: one that no other job looks into.
    private var own: Box {
        mutating get {
            if !isKnownUniquelyReferenced(&box) { box = Box(box.fields) }
            return box
        }
    }

    private var rare: Rare {
        get { box.fields.rare.first ?? Rare() }
        set { own.fields.rare = newValue == Rare() ? [] : [newValue] }
    }

    public static func == (left: Job, right: Job) -> Bool {
        left.box === right.box || left.box.fields == right.box.fields
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(box.fields) }

    private struct Fields: Hashable {
        var name: String
        var schedule: Schedule
        var variables: [Variable] = []
        var inputs: [Input] = []
        var retries: Int = 0
        var ref: String?
        var project: String?
        var overlap: OverlapPolicy = .skip
        var catchUp: CatchUpPolicy = .latest
        var isEnabled: Bool = true
        /// One element, or none where none of it is given: a third of a job would be empty.
        var rare: [Rare] = []
    }

    private struct Rare: Hashable {
        var misfireGrace: Duration?
        var jitter: Duration = .zero
        var timeout: Duration?
        var details: String?
    }

    /// Copy-on-write: change the fields only through `own`.
    private final class Box: @unchecked Sendable {
        var fields: Fields

        init(_ fields: Fields) { self.fields = fields }
    }
}

/// A pipeline variable. Values are text, exactly as written.
public struct Variable: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case environment = "env_var"
        case file
    }

    public var key: String
    public var value: String
    public var kind: Kind

    public init(key: String, value: String, kind: Kind = .environment) {
        self.key = key
        self.value = value
        self.kind = kind
    }
}

/// A named, typed pipeline input.
public struct Input: Hashable, Sendable {
    public var name: String
    public var value: InputValue

    public init(name: String, value: InputValue) {
        self.name = name
        self.value = value
    }
}

/// The types that `spec:inputs` knows. A number keeps its spelling, so that `1.10` stays `1.10`.
public enum InputValue: Hashable, Sendable {
    case text(String)
    case number(String)
    case boolean(Bool)
    case array([InputValue])
}

/// What to do with a fire time that comes while an earlier run of the job is still open.
public enum OverlapPolicy: String, Sendable, CaseIterable {
    /// Do not run it.
    case skip
    /// Run it when the earlier ones are over.
    case queue
    /// Run it beside the earlier ones.
    case allow
    /// Cancel the earlier ones and run it.
    case cancel
}

/// What to do with several fire times that are due at once, as after a time without a scheduler.
public enum CatchUpPolicy: String, Sendable, CaseIterable {
    /// Run the newest.
    case latest
    /// Run each of them, one after the other.
    case all
    /// Run none that is late.
    case none
}
