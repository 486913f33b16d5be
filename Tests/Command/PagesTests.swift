import Foundation
import Testing

/// What the pages must say about GitLab, by the rows of the audit of its source.
@Suite struct PagesTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../..").standardizedFileURL

    /// A page in one line, without `#` characters.
    private static func page(_ name: String) throws -> String {
        let text = try String(contentsOf: root.appending(path: name), encoding: .utf8)
        return text.split { $0.isWhitespace || $0 == "#" }.joined(separator: " ")
    }

    @Test("A9: scheduler-ci.yml lets no push cancel a run, or a pipeline that starts a scheduler")
    func autoCancel() throws {
        let page = try Self.page("scheduler-ci.yml")
        let none = "auto_cancel: on_new_commit: none"
        let runs =
            "- if: $ORCHESTRATE_JOB_NAME variables: "
            + "ORCHESTRATE_PIPELINE_NAME: 'orchestrate $ORCHESTRATE_RUN_ID' \(none)"
        let others =
            "- if: $ORCHESTRATE_SUCCESSOR_OF || $CI_PIPELINE_SOURCE == \"schedule\" "
            + "|| $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH \(none)"
        #expect(page.contains("\(runs) \(others) - when: always"))
        let reasons = try Self.page("docs/operations.md")
        #expect(reasons.contains("`auto_cancel: {on_new_commit: none}` then stands beside it"))
        #expect(reasons.contains("A project that job files name as `project` needs the same `workflow`"))
    }

    @Test(
        "The pages say what GitLab does",
        arguments: [
            ("A4", "docs/protocol.md", "rotate a token, which keeps its user, rather than make a new one"),
            ("A11", "docs/protocol.md", "only the latest attempt of a trigger job"),
            ("A12", "docs/protocol.md", "where replicas are known to lag `ORCHESTRATE_SETTLE_SECONDS`"),
            ("A15", "docs/protocol.md", "two automatic retries use up `num_retries: 2`"),
            ("A16", "README.md", "a bot has no mailbox"),
        ])
    func pages(row: String, name: String, words: String) throws {
        #expect(try Self.page(name).contains(words), "\(row)")
    }
}
