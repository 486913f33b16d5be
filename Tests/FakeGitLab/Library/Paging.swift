import FoundationEssentials

/// A page of a list by number, as the request asks for it.
struct Page {
    let number: Int
    let size: Int
    private let url: String
    private let parameters: FakeJSON
    /// Leaves out the headers if no page follows: see `FakeSettings.isBrief`.
    private let isBrief: Bool

    init(_ call: Call, _ settings: FakeSettings) throws(Refusal) {
        number = try Page.whole("page", call.parameters, default: 1, through: 1_000_000_000)
        size = try Page.whole("per_page", call.parameters, default: 20, through: 100)
        let host = call.request.header("Host").map { "http://\($0)" } ?? settings.webURL
        isBrief = settings.isBrief
        url = host + call.request.path
        parameters = call.parameters
    }

    private static func whole(
        _ name: String, _ parameters: FakeJSON, default fallback: Int, through last: Int
    ) throws(Refusal) -> Int {
        guard !parameters[name].isNull else { return fallback }
        guard let number = parameters[name].int else { throw Refusal(.error(400, "\(name) is invalid")) }
        guard number > 0 else { throw Refusal(.error(400, "\(name) does not have a valid value")) }
        return Int(min(number, Int64(last)))
    }

    /// How many rows come before this page.
    var skipped: Int { (number - 1) * size }

    func rows<Row>(of all: [Row]) -> ArraySlice<Row> { all.dropFirst(skipped).prefix(size) }

    /// The headers of a list with totals. If it has more rows than GitLab counts, it has no totals.
    func headers(total: Int, atMost counted: Int = .max) -> [(String, String)] {
        let pages = max(1, (total + size - 1) / size)
        let isCounted = total <= counted
        let totals = isBrief ? [] : [("X-Total", String(total)), ("X-Total-Pages", String(pages))]
        return (isCounted ? totals : [])
            + headers(hasNext: number < pages, last: isCounted ? pages : nil)
    }

    /// The headers of a list without totals.
    func headers(hasNext: Bool, last: Int? = nil) -> [(String, String)] {
        guard !isBrief || hasNext else { return [] }
        let previous = number > 1 ? number - 1 : nil
        let next = hasNext ? number + 1 : nil
        let links = [(previous, "prev"), (next, "next"), (1, "first"), (last, "last")].compactMap {
            page, relation in
            page.map { "<\(link(["page": .string(String($0))]))>; rel=\"\(relation)\"" }
        }
        return [
            ("X-Page", String(number)), ("X-Per-Page", String(size)),
            ("X-Next-Page", next.map(String.init) ?? ""), ("X-Prev-Page", previous.map(String.init) ?? ""),
            ("Link", links.joined(separator: ", ")),
        ]
    }

    /// The `Link` header of a keyset list whose page ends at an id.
    func keysetHeaders(lastID: Int64) -> [(String, String)] {
        let cursor = Cursor(id: lastID).text
        return [("Link", "<\(link(["cursor": .string(cursor)]))>; rel=\"next\"")]
    }

    /// This request's URL with one parameter changed, and the parameters sorted as Rails does.
    private func link(_ change: FakeJSON) -> String {
        let changed = Set(change.names + ["private_token", "job_token"])
        let kept = parameters.members.filter { !changed.contains($0.name) && $0.name != "per_page" }
        let all = kept + change.members + [.init("per_page", .string(String(size)))]
        let query = all.sorted { $0.name < $1.name }.flatMap(Self.pairs)
        return url + "?" + query.joined(separator: "&")
    }

    private static func pairs(_ member: FakeJSON.Member) -> [String] {
        guard case .array(let elements) = member.value else {
            return [Parameters.encoded(member.name) + "=" + Parameters.encoded(member.value.text ?? "")]
        }
        return elements.map {
            Parameters.encoded(member.name + "[]") + "=" + Parameters.encoded($0.text ?? "")
        }
    }
}

/// The position after which a keyset list goes on: base64 of `{"id":"600001","_kd":"n"}`, as in GitLab.
struct Cursor {
    let id: Int64

    init(id: Int64) { self.id = id }

    init?(_ text: String) {
        var base64 = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        base64 += String(repeating: "=", count: (4 - base64.count % 4) % 4)
        guard let data = Data(base64Encoded: base64), let id = FakeJSON(parsing: Array(data))?["id"].int
        else {
            return nil
        }
        self.id = id
    }

    var text: String {
        let json: FakeJSON = ["id": .string(String(id)), "_kd": "n"]
        let base64 = Data(json.bytes).base64EncodedString()
        return String(base64.filter { $0 != "=" }.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
    }
}
