public import CivilTime

/// Something to tell a channel. The ledger keeps it in its outbox until the channel has taken it.
///
/// The same outcome gives the same message in every instance, with the same kind and subject.
public struct OutboxMessage: Hashable, Sendable {
    /// What happened. The raw values are the `type` of a CloudEvent; the ledger keeps them, too.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The run is over and did not succeed: its retries are used up.
        case failed = "orchestrate.run.failed"
        /// The job succeeded after a failure that was told.
        case recovered = "orchestrate.run.recovered"
        /// Fire times that did not run, or of which nobody knows whether they did.
        case missed = "orchestrate.run.missed"
        /// GitLab said no, for good.
        case refused = "orchestrate.run.refused"
        /// The pipeline waits for a person.
        case blocked = "orchestrate.run.blocked"
        /// The run has no pipeline a while after it was due.
        case late = "orchestrate.run.late"

        case tokenExpires = "orchestrate.scheduler.token_expires"
        case ledgerPutAside = "orchestrate.scheduler.ledger_put_aside"
        case reloadRefused = "orchestrate.scheduler.reload_refused"
        case noSuccessor = "orchestrate.scheduler.no_successor"
        case anotherScheduler = "orchestrate.scheduler.another_scheduler"

        /// To a dead-man's switch such as healthchecks: a run has its pipeline, succeeded, or did not.
        case pingStart = "orchestrate.ping.start"
        case pingSuccess = "orchestrate.ping.success"
        case pingFail = "orchestrate.ping.fail"
        /// Neither: something that a person who looks at the switch may want to read.
        case pingLog = "orchestrate.ping.log"

        /// `orchestrate notify` tries a channel.
        case test = "orchestrate.test"
    }

    public var kind: Kind
    /// The channel's name, in lower case.
    public var channel: String
    /// The run id; of the scheduler's own messages, a text that tells one from the next.
    public var subject: String
    /// The job; nil: the message is about the scheduler.
    public var job: String?
    /// When it happened.
    public var at: Instant
    /// One sentence for people. It holds no secret.
    public var text: String
    /// The run as `history --json` prints it, as compact JSON, or an object with what else there is to say.
    public var data: String
    /// The pipeline's page; nil: there is none.
    public var url: String?

    public init(
        _ kind: Kind, to channel: String, subject: String, job: String? = nil, at: Instant, text: String,
        data: String = "{}", url: String? = nil
    ) {
        self.kind = kind
        self.channel = channel
        self.subject = subject
        self.job = job
        self.at = at
        self.text = text
        self.data = data
        self.url = url
    }
}

/// One request to a channel: a message, or several that a chat gets as a digest.
public struct Parcel: Hashable, Sendable {
    public var channel: String
    /// At least one, oldest first.
    public var messages: [OutboxMessage]

    public init(channel: String, messages: [OutboxMessage]) {
        self.channel = channel
        self.messages = messages
    }
}

/// What a channel said to a parcel.
public enum Delivery: Hashable, Sendable {
    case taken
    /// The channel will never take these messages, in words without any secret, such as `HTTP 400`.
    case refused(String)
    /// The channel is in trouble, and may take them later.
    case failed(String, retryAfter: Duration? = nil)
}

/// What the scheduler knows of a channel. Where it leads is known to the sender only.
public struct ChannelTraits: Hashable, Sendable {
    /// Above ten messages a minute it gets a digest.
    public var isChat: Bool
    /// It takes pings, and nothing else.
    public var isSwitch: Bool

    public init(isChat: Bool, isSwitch: Bool) {
        self.isChat = isChat
        self.isSwitch = isSwitch
    }
}
