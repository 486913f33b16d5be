import FakeGitLab
import Testing

/// What GitLab tells about a site before a start, by the role of the token.
@Suite struct FakeGitLabFactsTests {
    private func answer(
        _ target: String, as role: FakeToken.Role, _ change: (inout FakeProject) -> Void = { _ in }
    )
        -> FakeAnswer
    {
        var gitlab = fake { settings in
            settings.tokens[0].role = role
            settings.projects[0].protectedBranches = ["main"]
            settings.projects[0].branches["feature/x"] = "f00"
            settings.projects[0].tags["v1"] = "beef"
            change(&settings.projects[0])
        }
        let request = FakeRequest("GET", "/api/v4" + target, token: token)
        return gitlab.respond(to: request, at: start).answer ?? FakeAnswer(status: 0)
    }

    /// Path, status and a part of the body for a Developer, then for a Maintainer.
    @Test(arguments: [
        ("/personal_access_tokens/self", 200, #""scopes":["api"]"#, 200, #""expires_at":null"#),
        ("/metadata", 200, #""version":"18.5.0""#, 200, #""enterprise":true"#),
        ("/projects/4242", 200, #""access_level":30"#, 200, #""auto_cancel_pending_pipelines":"enabled""#),
        ("/projects/4242/members/all/901", 200, #""access_level":30"#, 200, #""access_level":40"#),
        ("/projects/4242/members/all/7", 404, "404 Not found", 404, "404 Not found"),
        ("/projects/4242/repository/branches/main", 200, #""can_push":false"#, 200, #""can_push":true"#),
        ("/projects/4242/repository/branches/feature%2Fx", 200, #""protected":false"#, 200, "feature/x"),
        ("/projects/4242/repository/branches/gone", 404, "404 Branch Not Found", 404, "404 Branch Not Found"),
        ("/projects/4242/repository/tags/v1", 200, "beef", 200, "beef"),
        ("/projects/4242/repository/tags/gone", 404, "404 Tag Not Found", 404, "404 Tag Not Found"),
        ("/projects/4242/pipeline_schedules?scope=active", 200, #""cron":"20 */2 * * *""#, 200, "ann"),
        ("/projects/4242/pipeline_schedules/13", 200, #""id":13"#, 200, #""key":"ORCHESTRATE_START""#),
        ("/projects/4242/pipeline_schedules/14", 404, "404 Pipeline", 404, "404 Pipeline Schedule Not Found"),
        ("/projects/4242/runners?status=online", 403, "403 Forbidden", 200, #""online":true"#),
        ("/runners/6", 403, "403 Forbidden", 200, #""run_untagged":true"#),
        ("/projects/4242/freeze_periods", 200, "[]", 200, "[]"),
        ("/projects/4242/ci/lint?content_ref=main", 200, #""valid":true"#, 200, "on_new_commit"),
        ("/projects/4242/ci/lint?content_ref=gone", 404, "404 Commit", 404, "404 Commit Not Found"),
    ])
    func views(path: String, developer: Int, words: String, maintainer: Int, more: String) {
        let less = answer(path, as: .developer)
        #expect(less.status == developer && less.text.contains(words), "\(less.text)")
        let all = answer(path, as: .maintainer)
        #expect(all.status == maintainer && all.text.contains(more), "\(all.text)")
    }

    @Test("Settings of CI/CD are not shown to Developers")
    func settings() {
        let text = answer("/projects/4242", as: .developer).text
        #expect(!text.contains("auto_cancel") && !text.contains("override_role"))
    }

    private func lint(
        _ content: String, dry: Bool = true, ref: String = "main", as role: FakeToken.Role = .maintainer,
        _ change: (inout FakeFacts) -> Void = { _ in }
    ) -> FakeAnswer {
        var gitlab = fake { settings in
            settings.tokens[0].role = role
            settings.projects[0].protectedBranches = ["main"]
            settings.projects[0].facts.ciFile?.inputs = ["orchestrate_run_id"]
            settings.projects[0].facts.ciFile?.jobs = [.init("load", tags: ["k8s"], only: ["nightly"])]
            change(&settings.projects[0].facts)
        }
        let body: FakeJSON = ["content": .string(content), "dry_run": .bool(dry), "ref": .string(ref)]
        return gitlab.send("POST", "/ci/lint", body)
    }

    private static let nightly = "variables:\n  ORCHESTRATE_JOB_NAME: \"nightly\"\n"

    @Test func aDryRunTellsWhatAPipelineWouldBe() {
        let good = lint(Self.nightly)
        #expect(good.json["valid"].bool == true && good.json["jobs"][0]["tag_list"][0].text == "k8s")
        #expect(lint("variables:\n  ORCHESTRATE_JOB_NAME: \"x\"\n").text.contains("would have been empty"))
        #expect(lint(Self.nightly, ref: "gone").text.contains("Reference not found"))
        #expect(lint(Self.nightly, as: .developer).text.contains("sufficient permission to run a pipeline"))
        #expect(lint(Self.nightly) { $0.builds = "disabled" }.text.contains("Pipelines are disabled!"))
        #expect(lint(Self.nightly) { $0.ciFile = nil }.text.contains("does not exist"))
        #expect(lint(Self.nightly, as: .reporter).status == 403)
    }

    @Test func inputsMustBeDeclared() {
        let head = "include:\n  - local: \".gitlab-ci.yml\"\n    inputs:\n"
        let good = lint(head + "      orchestrate_run_id: \"x@1\"\n", dry: false)
        #expect(good.json["merged_yaml"].text?.contains("orchestrate $ORCHESTRATE_RUN_ID x@1") == true)
        let bad = lint(head + "      report: \"daily\"\n", dry: false)
        #expect(bad.text.contains("unknown input arguments: report"))
    }

    @Test func lintsHaveALimiter() {
        var gitlab = fake { $0.projects[0].facts.lintsPerMinute = 1 }
        let statuses = [0.0, 1, 60].map { seconds in
            gitlab.send("POST", "/ci/lint", ["content": "a: 1"], at: seconds).status
        }
        #expect(statuses == [200, 429, 200])
    }
}
