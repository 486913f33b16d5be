import FakeGitLab
import Testing

@Suite struct FakeGitLabInstanceTests {
    @Test func instancesAreJobsThatOnlyChangeWhenTold() throws {
        var gitlab = fake()
        let first = gitlab.withInstance(at: 0)
        let second = gitlab.withInstance(at: 3_600, status: .waitingForResource)
        let (old, new) = try (#require(first), #require(second))
        #expect(new > old)
        let path = "/jobs?scope[]=running&scope[]=waiting_for_resource&per_page=100"
        #expect(gitlab.ids(path, at: 3_601) == [new, old])
        let row = gitlab.send("GET", "/jobs/\(new)", at: 3_601).json
        #expect(row["status"].text == "waiting_for_resource" && row["started_at"].isNull)
        #expect(row["created_at"].text == "2026-01-15T04:00:00.000Z")
        #expect(gitlab.ids("/resource_groups/orchestrate/upcoming_jobs") == [new])
        #expect(gitlab.send("GET", "/resource_groups/orchestrate/current_job").json["id"].int == old)
        gitlab.setInstance(old, to: .success, at: start + 3_700_000_000)
        gitlab.setInstance(new, to: .running, at: start + 3_700_000_000)
        #expect(gitlab.ids(path, at: 9_000) == [new])
        #expect(gitlab.pipelines.isEmpty && gitlab.instances.count == 2)
        #expect(gitlab.ids("/pipelines?source=schedule", at: 9_000).count == 2)
    }

    @Test func steeringWorksOverHTTP() {
        var gitlab = fake()
        func steer(_ method: String, _ path: String, _ json: FakeJSON? = nil) -> FakeAnswer? {
            gitlab.steer(FakeRequest(method, "/fake/" + path, json: json), at: start)
        }
        let instance = steer("POST", "instances", ["name": "scheduler", "ref": "main", "status": "pending"])
        #expect(instance?.status == 201)
        let id = instance?.json["id"].int ?? 0
        #expect(steer("PATCH", "instances/\(id)", ["status": "running"])?.json["status"].text == "running")
        #expect(steer("PATCH", "instances/1", ["status": "running"])?.status == 404)
        let fault: FakeJSON = ["operation": "createPipeline", "effect": "late", "late": 2.5, "reply": 504]
        #expect(steer("POST", "faults", fault)?.status == 201)
        #expect(steer("POST", "faults", ["operation": "createEverything"])?.status == 400)
        #expect(gitlab.create() == 0)
        gitlab.advance(to: start + 3 * second)
        let state = steer("GET", "state")?.json ?? .null
        #expect(state["pipelines"][0]["created_at"].text == "2026-01-15T03:00:02.500Z")
        #expect(state["instances"][0]["id"].int == id && state["requests"]["createPipeline"].int == 1)
        let sha = steer("POST", "push", ["ref": "main"])?.json["sha"].text ?? ""
        #expect(sha.count == 40)
        #expect(steer("POST", "reset")?.status == 200)
        #expect(gitlab.allPipelines.isEmpty && gitlab.now == start + 3 * second)
        #expect(gitlab.steer(FakeRequest("GET", base), at: start) == nil)
    }

    @Test func theSameRequestsGiveTheSameBytes() {
        func run() -> [[UInt8]] {
            var gitlab = fake()
            return (0..<50).map { step in
                gitlab.create(["FAKE_FAILURES": "1", "N": "\(step)"], at: Double(step))
                return gitlab.send("GET", "/pipelines?per_page=100", at: Double(step) + 0.5).body
            }
        }
        #expect(run() == run())
    }
}
