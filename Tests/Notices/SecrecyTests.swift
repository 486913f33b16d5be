import Scheduling
import Testing

@testable import Notices

/// No way of printing shows a URL or a secret.
@Suite struct SecrecyTests {
    @Test func nothingIsPrinted() {
        let environment = [
            "ORCHESTRATE_NOTIFY_OPS": "json+https://h0st.example:4433/T0PATH?sig=S3SIG",
            "ORCHESTRATE_NOTIFY_OPS_SECRET": "K3YKEY",
            "ORCHESTRATE_NOTIFY_GL": "gitlab+https://h0st.example/T0PATH",
            "ORCHESTRATE_NOTIFY_GL_SECRET": "K3YKEY",
            "ORCHESTRATE_HEARTBEAT": "https://h0st.example/T0PATH",
        ]
        var problems: [String] = []
        let channels = Channels(environment, problems: &problems)
        let notifier = Notifier(channels, project: "1", environment: environment, version: "1")
        var printed = "\(problems) \(String(describing: channels.traits))"
        for value in [channels, notifier, channels.channels["ops"] as Any, channels.heartbeatAddress as Any] {
            dump(value, to: &printed)
            printed += "\(value) \(String(reflecting: value))"
        }
        #expect(printed.contains("ops"))
        for secret in ["T0PATH", "S3SIG", "K3YKEY", "h0st", "4433"] { #expect(!printed.contains(secret)) }
    }
}
