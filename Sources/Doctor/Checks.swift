public import GitLab

extension Facts {
    /// Every check, in the order of the ids; each id is there at least once.
    public var checks: [Check] {
        var checks = localChecks + siteChecks
        let known = Set(checks.map(\.id))
        for id in CheckID.allCases where !known.contains(id) {
            checks.append(.skipped(id, nil, reasonToSkip(id)))
        }
        // A stable order: those of one id stay as they were found.
        return checks.enumerated().sorted { ($0.element.id, $0.offset) < ($1.element.id, $1.offset) }
            .map(\.element)
    }

    private var siteChecks: [Check] {
        guard let site else { return [] }
        return gitlabChecks(site) + clockChecks(site) + tokenChecks(site) + projectChecks(site)
            + refChecks(site) + ciChecks(site) + markChecks(site) + surroundings(site) + ownJobChecks(site)
    }

    private func reasonToSkip(_ id: CheckID) -> String {
        if id.isOfOwnJob, own == nil { return "only a scheduler in a CI job has one" }
        guard let site else { return "not asked: \(silence)" }
        if site.isSilent { return "not asked: GitLab cannot be reached" }
        if site.refusesToken { return "not asked: GitLab does not take the token" }
        if !site.projects.isEmpty, site.projects.allSatisfy({ $0.known == nil }) {
            return "not asked: the project cannot be seen"
        }
        if jobs.isEmpty { return "there is no job to look at" }
        return "there was nothing to look at"
    }
}

extension SiteFacts {
    /// The first request got no answer.
    public var isSilent: Bool {
        let first = version.map(\.failure) ?? token.map(\.failure) ?? nil
        return first?.isUnanswered ?? false
    }

    public var refusesToken: Bool { token?.failure?.status == 401 }

    public func project(_ name: String) -> ProjectFacts? { projects.first { $0.name == name } }
}

extension ProjectFacts {
    public var known: ProjectRow? { try? row.get() }

    /// By all of which jobs and the ledger may name it.
    var names: [String] { [name] + (known.map { [String($0.id), $0.path ?? ""] } ?? []) }

    /// The role's number, by whatever answer tells it.
    public var level: Int64? { (try? member?.get())?.accessLevel ?? known?.accessLevel }

    /// Whether the role may not set pipeline variables; nil: it cannot be seen.
    public var forbidsVariables: Bool? {
        guard let row = known else { return nil }
        switch row.variablesRole {
        case "no_one_allowed": return true
        case "owner": return level.map { $0 < 50 }
        case "maintainer": return level.map { $0 < 40 }
        case .some: return level.map { $0 < 30 } ?? false
        case nil: return row.restrictsVariables.flatMap { $0 ? level.map { $0 < 40 } : false }
        }
    }
}

extension Result where Failure == APIFailure {
    var failure: APIFailure? { if case .failure(let failure) = self { failure } else { nil } }
}

extension APIFailure {
    var isUnanswered: Bool { status == nil }

    /// Why something cannot be seen, in brackets: `(GitLab answered 403 Forbidden)`.
    var inBrackets: String {
        guard let status else { return "(\(message))" }
        return "(GitLab answered \(message.hasPrefix("\(status)") ? message : "\(status): \(message)"))"
    }
}

extension Check {
    /// GitLab did not tell. `who` can look, and where.
    static func unseen(_ id: CheckID, _ target: String?, _ failure: APIFailure, who: String) -> Check {
        .unknown(id, target, "orchestrate cannot see it with this token \(failure.inBrackets): \(who)")
    }
}

/// The name of a role by its number.
func roleName(_ level: Int64) -> String {
    switch level {
    case ..<10: "no role"
    case ..<15: "Guest"
    case ..<20: "Planner"
    case ..<30: "Reporter"
    case ..<40: "Developer"
    case ..<50: "Maintainer"
    default: "Owner"
    }
}
