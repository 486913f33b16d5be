import Text

/// The body of `POST /projects/:id/ci/lint`.
struct LintOrder {
    var content: String
    var ref: String
    var isDry: Bool

    var json: [UInt8] {
        var writer = JSONWriter(.compact)
        writer.object {
            $0.member("content", content)
            $0.name("dry_run")
            $0.raw(isDry ? "true" : "false")
            $0.member("ref", ref)
            $0.name("include_jobs")
            $0.raw("true")
        }
        return writer.bytes
    }
}
