import Glibc

/// How a piece of text is set off, where the stream shows colours. The raw values are the terminal's codes.
enum Style: String {
    case plain = ""
    case bold = "1"
    case faint = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
}

/// Whether a stream shows colours.
struct Palette {
    let isOn: Bool

    static let none = Palette(isOn: false)

    /// A terminal does, and a job log of GitLab, unless `NO_COLOR` or `TERM=dumb` says otherwise.
    static func of(_ descriptor: Int32) -> Palette {
        func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
        guard variable("NO_COLOR") ?? "" == "", variable("TERM") != "dumb" else { return .none }
        if isatty(descriptor) == 1 { return Palette(isOn: true) }
        // The log of a CI job is a pipe; what the job redirects into a file is not for the log.
        return Palette(isOn: variable("GITLAB_CI") == "true" && !isFile(descriptor))
    }

    func paint(_ text: String, _ style: Style) -> String {
        var painted = ""
        paint(text[...], style, to: &painted)
        return painted
    }

    /// Appends the text.
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
