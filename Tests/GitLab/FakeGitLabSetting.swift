import FakeGitLab
import Testing

/// 2026-01-15T03:00:00Z, in microseconds.
let start: Int64 = 1_768_446_000_000_000
let second: Int64 = 1_000_000
let base = "/api/v4/projects/4242"
let token = "fake-token"

extension FakeGitLab {
    mutating func send(
        _ method: String, _ path: String, _ json: FakeJSON? = nil, at seconds: Double = 0,
        token: String? = token
    ) -> FakeAnswer {
        let request = FakeRequest(method, base + path, token: token, json: json)
        let time = start + Int64(seconds * 1e6)
        return respond(to: request, at: time).answer ?? FakeAnswer(status: 0)
    }

    @discardableResult
    mutating func create(_ variables: [String: String] = [:], at seconds: Double = 0) -> Int64 {
        let rows = variables.sorted { $0.key < $1.key }.map { pair -> FakeJSON in
            ["key": .string(pair.key), "value": .string(pair.value)]
        }
        let body: FakeJSON = ["ref": "main", "variables": .array(rows)]
        return send("POST", "/pipeline", body, at: seconds).json["id"].int ?? 0
    }

    mutating func ids(_ path: String, at seconds: Double = 100) -> [Int64] {
        send("GET", path, at: seconds).json.elements.compactMap { $0["id"].int }
    }

    func statuses(of id: Int64) -> [FakeStatus] { pipeline(id)?.history.map(\.status) ?? [] }
}

func fake(_ change: (inout FakeSettings) -> Void = { _ in }) -> FakeGitLab {
    var settings = FakeSettings()
    change(&settings)
    return FakeGitLab(settings)
}

extension FakeGitLab {
    mutating func withInstance(at seconds: Double, status: FakeStatus = .running) -> Int64? {
        startInstance(at: start + Int64(seconds * 1e6), status: status, resourceGroup: "orchestrate")
    }
}
