import CivilTime
import Notices
public import Scheduling
import Text

/// One message to one channel, to see whether it gets there.
public struct ChannelTest: Sendable {
    /// The channel's name, in lower case.
    public let channel: String
    private let notifier: Notifier
    private let project: String?

    /// Throws where the environment has no such channel, or where what it says of channels is wrong.
    public init(_ environment: Environment, channel name: String) throws(ConfigurationError) {
        var problems: [String] = []
        let channels = Channels(environment.values, problems: &problems)
        guard problems.isEmpty else { throw ConfigurationError(problems) }
        channel = name.lowercased()
        let known = channels.traits.keys.sorted()
        guard known.contains(channel) else {
            let others =
                known.isEmpty ? "there are no channels" : "known are \(known.joined(separator: ", "))"
            // Whoever types an address in place of a name must not find it in a log.
            let isName = name.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") }
            let which =
                isName
                ? "channel \(name): ORCHESTRATE_NOTIFY_\(name.uppercased()) is not set" : "such channel"
            throw ConfigurationError(["there is no \(which); \(others)"])
        }
        project = environment[.project]
        notifier = Notifier(
            channels, project: project ?? "", environment: environment.values, version: version)
    }

    public func run() async -> Delivery {
        let now = Instant.clock()
        let place = project.map { " of project \($0)" } ?? ""
        let message = OutboxMessage(
            .test, to: channel, subject: "test@\(now.rfc3339)", at: now,
            text: "This is a test: the scheduler\(place) reaches this channel")
        let delivery = await notifier.deliver(Parcel(channel: channel, messages: [message]), at: now)
        await notifier.shutdown()
        return delivery
    }
}
