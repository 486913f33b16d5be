/// The settings of `PATCH /fake/settings` that a look at the site finds: those of the first token and the first project.
extension FakeSettings {
    mutating func changeSite(_ name: String, to value: FakeJSON) -> Bool {
        guard !tokens.isEmpty, !projects.isEmpty else { return false }
        return changeToken(name, to: value) || projects[0].change(name, to: value)
            || projects[0].facts.change(name, to: value)
    }

    private mutating func changeToken(_ name: String, to value: FakeJSON) -> Bool {
        switch (name, value.text) {
        case ("role", let text?):
            guard let role = FakeToken.Role(text) else { return false }
            tokens[0].role = role
        case ("token_expires", let text?): tokens[0].until = text
        case ("token_scope", "api"?): tokens[0].scope = .api
        case ("token_scope", "read_api"?): tokens[0].scope = .readAPI
        default: return false
        }
        return true
    }
}

extension FakeToken.Role {
    fileprivate init?(_ name: String) {
        let names = ["guest", "reporter", "developer", "maintainer", "owner"]
        guard let role = names.firstIndex(of: name).flatMap(Self.init(rawValue:)) else { return nil }
        self = role
    }
}

extension FakeProject {
    fileprivate mutating func change(_ name: String, to value: FakeJSON) -> Bool {
        switch (name, value.text, value.bool) {
        case ("protected", _, let flag?): protectedBranches = flag ? Set(branches.keys) : []
        default: return false
        }
        return true
    }
}

extension FakeFacts {
    fileprivate mutating func change(_ name: String, to value: FakeJSON) -> Bool {
        // A number may be meant as a flag, and either as a text.
        if let flag = value.bool, change(name, to: flag) { return true }
        if let number = value.int, change(name, to: number) { return true }
        switch (name, value.text) {
        case ("builds_access_level", let text?): builds = text
        case ("membership_expires", let text?): memberUntil = text
        case ("ci_errors", let text?): ciFile?.errors = text.isEmpty ? [] : [text]
        case ("ci_file", let text?): ciFile?.text = text
        case ("ci_only", let text?): ciFile?.jobs = [.init("work", only: [text])]
        case ("freeze", let text?): freezes = [(start: text, end: "0 0 1 1 *")]
        default: return false
        }
        return true
    }

    private mutating func change(_ name: String, to flag: Bool) -> Bool {
        switch name {
        case "archived": isArchived = flag
        case "member": isStranger = !flag
        default: return false
        }
        return true
    }

    private mutating func change(_ name: String, to number: Int64) -> Bool {
        switch name {
        case "runners": runners = (0..<min(max(number, 0), 100)).map { FakeRunner(id: 6 + $0) }
        case "deletes_pipelines_after": deletesPipelinesAfter = number
        case "lints_per_minute": lintsPerMinute = Int(min(max(number, 0), 1_000))
        default: return false
        }
        return true
    }
}
