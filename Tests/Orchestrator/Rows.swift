import GitLab
import HTTP
import ScriptedGitLab

@testable import Orchestrator

/// An exchange with project 1 as its own; pipelines run in project 7.
func exchange(_ server: Scripted, uptime: Duration = .zero) -> Exchange {
    Exchange(client: server.client(), project: "1", uptime: { uptime })
}

let date = (name: "Date", value: "Mon, 23 Nov 2026 20:16:00 GMT")

func pipelineRow(_ id: Int64, _ status: String = "running", name: String? = nil) -> String {
    let name = name.map { #","name":"\#($0)""# } ?? ""
    return #"{"id":\#(id),"status":"\#(status)","ref":"main","web_url":"https://gitlab.test/p/\#(id)""#
        + #","created_at":"2026-11-23T20:15:01Z","updated_at":"2026-11-23T20:15:30Z"\#(name)}"#
}

func jobRow(_ id: Int64, _ status: String = "running", _ rest: String = "") -> String {
    #"{"id":\#(id),"name":"orchestrate","status":"\#(status)"\#(rest)}"#
}

extension [HTTPRequest] {
    var lines: [String] { map { "\($0.method.rawValue) \($0.target)" } }
}
