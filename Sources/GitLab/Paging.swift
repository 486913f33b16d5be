import HTTP

/// Finds the next page of a list, however the server pages.
///
/// `Link: <...>; rel="next"` names it for keyset and for offset pages. `X-Next-Page` is the fallback. If a proxy
/// dropped both, a full page counts as having a next one. It uses only the query of a link, so that the token never
/// goes to another host.
struct Paging {
    static let rowsPerPage = 100

    private let query: GitLabClient.Query
    private var page: Int64 = 1

    init(_ query: GitLabClient.Query) {
        self.query = query
    }

    var firstQuery: GitLabClient.Query {
        query + [("per_page", String(Self.rowsPerPage))]
    }

    /// The query of the page after `response`; nil after the last one.
    mutating func next(after response: HTTPResponse, rows: Int) -> GitLabClient.Query? {
        guard rows > 0 else { return nil }
        page += 1
        if let link = response.header("Link") { return Self.nextLink(link) }
        if let header = response.header("X-Next-Page") { return Int64(header).map(numbered) }
        return rows >= Self.rowsPerPage ? numbered(page) : nil
    }

    /// A keyset list has no page numbers: GitLab would send its first page again. So this asks for an offset list.
    private func numbered(_ page: Int64) -> GitLabClient.Query {
        firstQuery.filter { $0.name != "pagination" } + [("page", String(page))]
    }

    /// The query of the link with `rel="next"` in `<https://host/path?query>; rel="next", <...>; rel="last"`.
    private static func nextLink(_ header: String) -> GitLabClient.Query? {
        for link in header.split(separator: "<").dropFirst(header.hasPrefix("<") ? 0 : 1) {
            let parts = link.split(separator: ">", maxSplits: 1)
            guard parts.count == 2, parts[1].contains("rel=\"next\"") || parts[1].contains("rel=next"),
                let mark = parts[0].firstIndex(of: "?")
            else { continue }
            return PercentEncoding.decodeQuery(parts[0][parts[0].index(after: mark)...])
        }
        return nil
    }
}
