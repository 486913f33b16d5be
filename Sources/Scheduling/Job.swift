public import Cron
public import Text

/// A job as its file declares it: when to create which pipeline, and what to do when that goes wrong.
///
/// A value of one machine word, because thousands of open runs and orders hold it. Its properties are those of `Fields`
/// and `Rare`.
@dynamicMemberLookup
public struct Job: Hashable, Sendable {
    public struct Fields: Hashable, Sendable {
        public var name: String
        public var schedule: Schedule
        public var variables: [Variable] = []
        /// Typed pipeline inputs (GitLab 17.10 and later), in the order of the file.
        public var inputs: [Input] = []
        /// How often each failed CI job of a pipeline may be retried.
        public var retries: Int = 0
        /// Branch or tag; nil: the environment's.
        public var ref: String?
        /// Project id or path; nil: the environment's.
        public var project: String?
        public var overlap: OverlapPolicy = .skip
        public var catchUp: CatchUpPolicy = .latest
        public var isEnabled: Bool = true
        /// One element, or none where the job sets none of these fields: stored inline, they would leave a third of a
        /// job empty.
        fileprivate var rare: [Rare] = []
    }

    /// Fields that few jobs set.
    public struct Rare: Hashable, Sendable {
        /// How late a fire time may still run; nil: any lateness.
        public var misfireGrace: Duration?
        /// Fire times are spread over this long by a hash of the job's name.
        public var jitter: Duration = .zero
        /// The pipeline is canceled when it has run this long; nil: never.
        public var timeout: Duration?
        public var details: String?
        /// Whom to tell of what; nil: the environment's channels, of everything usual.
        public var notify: NotifyPolicy?
        /// The channel that hears when each run begins and ends; nil: none.
        public var ping: String?
    }

    @usableFromInline var box: Box

    public init(name: String, schedule: Schedule) {
        box = Box(Fields(name: name, schedule: schedule))
    }

    /// Inlined where job files are read by the thousand: a key path that the compiler does not know is slow.
    @inlinable public subscript<Value>(dynamicMember path: WritableKeyPath<Fields, Value>) -> Value {
        get { box.fields[keyPath: path] }
        set { own.fields[keyPath: path] = newValue }
    }

    @inlinable public subscript<Value>(dynamicMember path: WritableKeyPath<Rare, Value>) -> Value {
        get { rare[keyPath: path] }
        set { rare[keyPath: path] = newValue }
    }

    /// The box to write into. No other job shares it.
    @usableFromInline var own: Box {
        mutating get {
            if !isKnownUniquelyReferenced(&box) { box = Box(box.fields) }
            return box
        }
    }

    @usableFromInline var rare: Rare {
        get { box.fields.rare.first ?? Rare() }
        set { own.fields.rare = newValue == Rare() ? [] : [newValue] }
    }

    public static func == (left: Job, right: Job) -> Bool {
        left.box === right.box || left.box.fields == right.box.fields
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(box.fields) }

    /// Copy-on-write: change the fields only through `own`.
    @usableFromInline final class Box: @unchecked Sendable {
        @usableFromInline var fields: Fields

        init(_ fields: Fields) { self.fields = fields }
    }
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
