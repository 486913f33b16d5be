import Glibc

/// How a piece of text stands out on a stream with colors. The raw values are the terminal's codes.
enum Style: String {
    case plain = ""
    case bold = "1"
    case faint = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
}

/// Whether a stream shows colors.
struct Palette {
    let isOn: Bool

    static let none = Palette(isOn: false)

    /// A terminal shows colors, and so does a job log of GitLab, unless `NO_COLOR` or `TERM=dumb` says otherwise.
    static func of(_ descriptor: Int32) -> Palette {
        func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
        guard variable("NO_COLOR") ?? "" == "", variable("TERM") != "dumb" else { return .none }
        if isatty(descriptor) == 1 { return Palette(isOn: true) }
        // The log of a CI job is a pipe. A file gets no colors, because the log does not show it.
        return Palette(isOn: variable("GITLAB_CI") == "true" && !isFile(descriptor))
    }

    func paint(_ text: String, _ style: Style) -> String {
        var painted = ""
        paint(text[...], style, to: &painted)
        return painted
    }

    /// Appends the text in this style.
    func paint(_ text: Substring, _ style: Style, to painted: inout String) {
        guard isOn, style != .plain, !text.isEmpty else { return painted += text }
        painted += "\u{1B}[\(style.rawValue)m"
        painted += text
        painted += "\u{1B}[0m"
    }

    private static func isFile(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}
