import FakeGitLab
import Testing

@Suite struct FakeGitLabListTests {
    /// Pipelines 70001 to 70006, one a minute. The second failed. The last has its own branch and runs.
    private static let six: FakeGitLab = {
        var gitlab = fake { $0.projects[0].branches["next"] = String(repeating: "a", count: 40) }
        for minute in 0..<5 {
            let status = minute == 1 ? "failed" : "success"
            gitlab.create(
                ["FAKE_STATUS": status, "ORCHESTRATE_RUN_ID": "job\(minute % 2)"], at: Double(60 * minute))
        }
        _ = gitlab.send("POST", "/pipeline", ["ref": "next"], at: 300)
        gitlab.advance(to: start + 302 * second)
        return gitlab
    }()

    @Test(arguments: [
        ("", [6, 5, 4, 3, 2, 1]), ("sort=asc", [1, 2, 3, 4, 5, 6]), ("status=failed", [2]),
        ("scope=running", [6]), ("scope=finished", [5, 4, 3, 2, 1]), ("scope=branches", [6, 5]),
        ("scope=tags", []), ("ref=next", [6]), ("sha=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", [6]),
        ("source=api", [6, 5, 4, 3, 2, 1]), ("source=push", []),
        ("username=project_4242_bot_5f2c&ref=next", [6]),
        ("username=somebody", []), ("name=orchestrate+job1", [4, 2]),
        ("name=orchestrate%20job1&status=failed", [2]),
        ("created_after=2026-01-15T03:02:00Z", [6, 5, 4]), ("created_before=2026-01-15T03:01:00Z", [1]),
        ("created_after=2026-01-15T04:02:00.000%2B01:00&created_before=2026-01-15T03:04:00Z", [4]),
        ("updated_after=2026-01-15T03:04:03Z", [6, 5]), ("updated_before=2026-01-15T03:01:00Z", [1]),
        ("order_by=status&sort=asc", [2, 6, 1, 3, 4, 5]), ("order_by=ref", [6, 5, 4, 3, 2, 1]),
        ("order_by=updated_at&sort=asc&per_page=2", [1, 2]), ("per_page=2&page=2", [4, 3]),
        ("per_page=4&page=2", [2, 1]), ("page=9", []), ("unknown=ignored", [6, 5, 4, 3, 2, 1]),
    ])
    func filters(query: String, wanted: [Int64]) {
        var gitlab = Self.six
        #expect(gitlab.ids("/pipelines?" + query, at: 302).map { $0 - 70_000 } == wanted)
    }

    @Test(arguments: ["status=done", "scope=all", "source=cron", "order_by=created_at", "sort=up", "page=0"])
    func refusesUnknownValues(query: String) {
        var gitlab = Self.six
        let name = query.split(separator: "=")[0]
        let answer = gitlab.send("GET", "/pipelines?" + query)
        #expect(answer.status == 400)
        #expect(answer.json["error"].text == "\(name) does not have a valid value")
    }

    @Test func pagesCarryLinks() {
        var gitlab = Self.six
        let page = gitlab.send("GET", "/pipelines?per_page=2&page=2&source=api", at: 302)
        let url = "<https://gitlab.example.com/api/v4/projects/4242/pipelines?page="
        let links = [("1", "prev"), ("3", "next"), ("1", "first"), ("3", "last")].map { page, relation in
            "\(url)\(page)&per_page=2&source=api>; rel=\"\(relation)\""
        }
        #expect(page.header("Link") == links.joined(separator: ", "))
        let numbers = ["X-Total", "X-Total-Pages", "X-Page", "X-Next-Page", "X-Prev-Page"].map(page.header)
        #expect(numbers == ["6", "3", "2", "3", "1"])
    }

    @Test func longListsAreNotCounted() {
        var gitlab = Self.six
        #expect(gitlab.settings.countedRows == 10_000)
        gitlab.settings.countedRows = 5
        let list = gitlab.send("GET", "/pipelines?per_page=2", at: 302)
        #expect(list.header("X-Total") == nil && list.header("X-Total-Pages") == nil)
        #expect(list.header("X-Next-Page") == "2")
        #expect(gitlab.send("GET", "/pipelines?ref=main", at: 302).header("X-Total") == "5")
    }

    @Test func projectJobsGoOnByKeyset() {
        var gitlab = Self.six
        var seen: [Int64] = []
        var path: String? = "/jobs?pagination=keyset&order_by=id&sort=desc&per_page=2&scope[]=success"
        while let next = path, seen.count < 10 {
            let answer = gitlab.send("GET", next, at: 302)
            seen += answer.json.elements.compactMap { $0["id"].int }
            path = pathOfNext(answer)
        }
        #expect(seen == [500_105, 500_104, 500_103, 500_101])
        #expect(gitlab.ids("/jobs?per_page=2&page=2", at: 302) == [500_104, 500_103])
        #expect(gitlab.ids("/jobs?scope=running", at: 302) == [500_106])
        #expect(gitlab.ids("/jobs?scope[]=running&scope[]=failed", at: 302) == [500_106, 500_102])
        let refused = gitlab.send("GET", "/jobs?scope[]=active")
        #expect(refused.json["error"].text == "scope does not have a valid value")
    }

    /// The part after the project in the URL of `rel="next"`.
    private func pathOfNext(_ answer: FakeAnswer) -> String? {
        guard let link = answer.header("Link"), link.contains("rel=\"next\""),
            let project = link.firstRange(of: base)
        else { return nil }
        return String(link[project.upperBound...].prefix { $0 != ">" })
    }
}
