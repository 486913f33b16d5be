/// Pages for people: what the URLs of pipelines show in a browser.
extension FakeGitLab {
    /// The page for a request outside the API; nil if there is none.
    public mutating func page(for request: FakeRequest, at time: Int64) -> FakeAnswer? {
        guard request.method == "GET" else { return nil }
        advance(to: time)
        let segments = request.path.split(separator: "/").map(String.init)
        guard !segments.isEmpty else { return html("Pipelines", list) }
        guard segments.suffix(3).first == "-", segments.suffix(2).first == "pipelines",
            let id = segments.last.flatMap(Int64.init), let pipeline = pipeline(id)
        else { return nil }
        return html("Pipeline \(id)", "<p><a href=\"/\">All pipelines</a></p>" + details(of: pipeline))
    }

    private var list: String {
        let rows = pipelines.reversed().prefix(200).map { pipeline in
            let link =
                "<a href=\"/\(project(of: pipeline).path)/-/pipelines/\(pipeline.id)\">\(pipeline.id)</a>"
            return Self.row([
                link, pipeline.status.rawValue, (pipeline.name ?? "").escaped, pipeline.ref.escaped,
            ])
        }
        return Self.table(["Pipeline", "Status", "Name", "Ref"], rows)
    }

    private func details(of pipeline: FakePipeline) -> String {
        let about = [
            ("Status", pipeline.status.rawValue), ("Name", pipeline.name ?? ""), ("Ref", pipeline.ref),
            ("Source", pipeline.source), ("Created", Timestamp.text(pipeline.createdAt)),
            ("Finished", pipeline.finishedAt.map { Timestamp.text($0) } ?? ""),
        ]
        let jobs = jobs(ofPipeline: pipeline.id).map { job in
            Self.row([
                job.name.escaped, job.status.rawValue, "\(job.attempt)", (job.failureReason ?? "").escaped,
            ])
        }
        let variables = pipeline.variables.map { Self.row([$0.key.escaped, $0.value.escaped]) }
        return Self.table([], about.map { Self.row([$0.0, $0.1.escaped]) })
            + "<h2>Jobs</h2>" + Self.table(["Job", "Status", "Attempt", "Failure reason"], jobs)
            + "<h2>Variables</h2>" + Self.table(["Key", "Value"], variables)
    }

    private func html(_ title: String, _ body: String) -> FakeAnswer {
        let style = "body{font:1rem sans-serif;margin:2rem}td,th{padding:.2rem 1rem .2rem 0;text-align:left}"
        let page =
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>\(title)</title>"
            + "<style>\(style)</style></head><body><h1>\(title)</h1>\(body)"
            + "<p>This is a simulated GitLab.</p></body></html>\n"
        return FakeAnswer(
            status: 200, headers: [("Content-Type", "text/html; charset=utf-8")], body: Array(page.utf8))
    }

    private static func table(_ header: [String], _ rows: [String]) -> String {
        let head = header.isEmpty ? "" : "<tr>" + header.map { "<th>\($0)</th>" }.joined() + "</tr>"
        return "<table>\(head)\(rows.joined())</table>"
    }

    private static func row(_ cells: [String]) -> String {
        "<tr>" + cells.map { "<td>\($0)</td>" }.joined() + "</tr>"
    }
}

extension String {
    fileprivate var escaped: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
