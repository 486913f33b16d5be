import CivilTime
import HTTP
public import Scheduling
import Text

/// The channels that the environment names. Only the environment can name them: their URLs are credentials.
public struct Channels: Sendable {
    /// The variable with the names of the channels that a job without `notify` and the scheduler itself tell.
    public static let standardVariable = "ORCHESTRATE_NOTIFY"
    public static let heartbeatVariable = "ORCHESTRATE_HEARTBEAT"
    public static let heartbeatSecondsVariable = "ORCHESTRATE_HEARTBEAT_SECONDS"
    /// The variable of a channel is this prefix and the channel's name.
    public static let prefix = "ORCHESTRATE_NOTIFY_"
    public static let heartbeatSeconds = 300

    /// By name, in lower case.
    let channels: [String: Channel]
    /// Where the heartbeat goes; nil: there is none.
    let heartbeatAddress: Address?

    /// The channels for jobs that name none, and for the scheduler's own messages, in the order of the
    /// variable.
    public let standard: [String]
    /// How often `Notifier.beat` is due; nil: there is no heartbeat.
    public let heartbeat: Duration?

    /// The channels' names, and what the scheduler has to know of each.
    public var traits: [String: ChannelTraits] { channels.mapValues(\.service.traits) }

    /// Adds all that is wrong to `problems`: one text each, which names the variable and shows no URL and no
    /// secret.
    public init(_ environment: [String: String], problems: inout [String]) {
        var reader = ChannelReader(environment)
        channels = reader.channels()
        standard = reader.standard(among: channels)
        heartbeatAddress = reader.heartbeatAddress()
        let pause = reader.heartbeatPause()
        heartbeat = heartbeatAddress == nil ? nil : pause
        problems += reader.problems
    }

    /// The variables of channels that have a value, sorted: `orchestrate env` prints their names and that
    /// they are set. They hold secrets, or the paths of files with secrets.
    public static func variables(setIn environment: [String: String]) -> [String] {
        environment.filter { $0.key.hasPrefix(prefix) && !$0.value.allSatisfy(\.isWhitespace) }.keys.sorted()
    }
}

extension Channels: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "Channels(\(channels.keys.sorted().joined(separator: ", ")))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["names": channels.keys.sorted()]) }
}
