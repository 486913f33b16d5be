public import CivilTime
import HTTP
public import Scheduling

/// Sends messages to the channels. It decides nothing: the scheduler says what to send, when, and how often
/// to try.
///
/// No text of it shows a URL or a secret.
public struct Notifier: Sendable {
    private let outlets: [String: Outlet]
    private let heartbeat: Outlet?

    /// `project` is the id or path of the project whose pipelines are started. `environment` names proxies
    /// and the files of authorities to trust. `version` is that of orchestrate, for the `User-Agent`.
    public init(_ channels: Channels, project: String, environment: [String: String], version: String) {
        self.init(
            channels, project: project, environment: environment, version: version,
            patience: .seconds(10))
    }

    /// `patience` is the time from sending to the last byte of the answer.
    init(
        _ channels: Channels, project: String, environment: [String: String], version: String,
        patience: Duration
    ) {
        let wire = Outlet.Wire(environment: environment, version: version, patience: patience)
        outlets = channels.channels.mapValues { Outlet($0, project: project, wire) }
        heartbeat = channels.heartbeatAddress.map { Outlet(heartbeat: $0, wire) }
    }

    /// Sends a parcel, once. `now` is the time of this try: receivers check it, and dates in answers are
    /// compared to it.
    public func deliver(_ parcel: Parcel, at now: Instant) async -> Delivery {
        guard let outlet = outlets[parcel.channel] else {
            return .refused("no variable sets a channel of this name")
        }
        return await outlet.deliver(parcel.messages, at: now)
    }

    /// Says that the scheduler is alive, once.
    public func beat() async -> Delivery {
        guard let heartbeat else { return .refused("\(Channels.heartbeatVariable) is not set") }
        return await heartbeat.beat()
    }

    /// Closes the connections. What is under way fails.
    public func shutdown() async {
        for outlet in outlets.values { await outlet.shutdown() }
        await heartbeat?.shutdown()
    }
}

extension Notifier: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "Notifier(\(outlets.keys.sorted().joined(separator: ", ")))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["names": outlets.keys.sorted()]) }
}
