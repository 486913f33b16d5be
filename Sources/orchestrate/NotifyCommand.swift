import ArgumentParser
import Orchestrator
import Scheduling

/// `orchestrate notify`: tries a channel.
struct NotifyCommand: SchedulingCommand {
    static let configuration = CommandConfiguration(
        commandName: "notify",
        abstract: "Send a test message to a channel.",
        discussion: """
            A channel is a variable of the environment, and job files name it: `notify: ops`.

              $ export ORCHESTRATE_NOTIFY_OPS=slack+https://hooks.slack.com/services/…
              $ orchestrate notify ops

            Exits 1 if the channel does not take the message. No address is ever shown.
            """)

    @Argument(help: "The channel's name.")
    var channel: String

    @OptionGroup(visibility: .hidden) var jobs: JobsOptions
    @OptionGroup(visibility: .hidden) var ledger: LedgerOptions
    @OptionGroup(visibility: .hidden) var logging: LogOptions

    func run(_ signals: Signals) async throws {
        let test = try ChannelTest(.current, channel: channel)
        switch await test.run() {
        case .taken: Output.line("\(test.channel): the message was taken")
        case .refused(let words), .failed(let words, _):
            throw Refusal(message: "\(test.channel): \(words)", hint: nil)
        }
    }
}
