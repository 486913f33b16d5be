public import HTTP

extension BaseURL {
    private static let place = "CI_API_V4_URL"
    private static let end = "/api/v4"

    /// The address of GitLab's API. GitLab's other pages answer too, and their answers say little.
    public init(api text: String) throws(TransportSetupError) {
        try self.init(text, place: Self.place, example: "https://gitlab.example.com\(Self.end)")
        guard !path.hasSuffix(Self.end) else { return }
        throw TransportSetupError(
            place: Self.place, cause: "does not end in \(Self.end)", advice: "it should be \(meant)")
    }

    /// Does not show the path: it may be a secret that was put in the wrong place. GitLab.com has its API at the top.
    private var meant: String {
        let top = text.dropLast(path.count)
        guard !path.isEmpty, host.lowercased() != "gitlab.com" else { return top + Self.end }
        return "the address of your GitLab with \(Self.end) appended: \(top)/…\(Self.end)"
    }
}
