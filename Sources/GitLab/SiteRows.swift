import HTTP

/// What GitLab tells a look beforehand. Every field may be missing: older versions lack it, or the role does not see it.

/// A date that may be `null`, which means never. Of two optionals, nil is the outer one where the answer lacks the field.
public typealias EndDate = String??

/// The access token that asks.
public struct TokenRow: Hashable, Sendable {
    public var name: String?
    public var userID: Int64?
    public var scopes: [String]?
    /// Its permissions are finer than scopes.
    public var isGranular: Bool?
    public var isActive: Bool?
    public var isRevoked: Bool?
    /// It ends when this day begins in UTC.
    public var expiresAt: EndDate

    init?(_ json: JSON) {
        guard json.isObject else { return nil }
        name = json["name"]?.text
        userID = json["user_id"]?.integer
        scopes = json["scopes"]?.elements?.compactMap(\.text)
        isGranular = json["granular"]?.boolean
        isActive = json["active"]?.boolean
        isRevoked = json["revoked"]?.boolean
        expiresAt = json.endDate("expires_at")
    }
}

/// The token's user.
public struct UserRow: Hashable, Sendable {
    public var id: Int64?
    public var username: String?
    public var state: String?
    public var isBot: Bool?
    /// Told to administrators only.
    public var isAdministrator: Bool?

    init?(_ json: JSON) {
        guard json.isObject else { return nil }
        id = json["id"]?.integer
        username = json["username"]?.text
        state = json["state"]?.text
        isBot = json["bot"]?.boolean
        isAdministrator = json["is_admin"]?.boolean
    }
}

public struct ProjectRow: Hashable, Sendable {
    public var id: Int64
    public var path: String?
    public var isArchived: Bool?
    public var hasPipelines: Bool?
    /// Where the CI file is, when it is not at its usual place.
    public var ciFile: String?
    /// Of the token's user, by a membership of the project or its group.
    public var accessLevel: Int64?
    /// The least role that may set pipeline variables.
    public var variablesRole: String?
    /// The older form of the same: from Maintainer on.
    public var restrictsVariables: Bool?
    /// `auto_cancel_pending_pipelines`.
    public var autoCancel: String?
    /// In seconds; nil inside: never. Nil outside: not told.
    public var deletesPipelinesAfter: Int64??

    init?(_ json: JSON) {
        guard let id = json["id"]?.integer else { return nil }
        self.id = id
        path = json["path_with_namespace"]?.text
        isArchived = json["archived"]?.boolean
        let builds = json["builds_access_level"]?.text.map { $0 != "disabled" }
        hasPipelines =
            json["jobs_enabled"]?.boolean == false ? false : builds ?? json["jobs_enabled"]?.boolean
        ciFile = json["ci_config_path"]?.text.flatMap { $0.isEmpty ? nil : $0 }
        let permissions = [json["permissions"]?["project_access"], json["permissions"]?["group_access"]]
        accessLevel = permissions.compactMap { $0?["access_level"]?.integer }.max()
        variablesRole = json["ci_pipeline_variables_minimum_override_role"]?.text
        restrictsVariables = json["restrict_user_defined_variables"]?.boolean
        autoCancel = json["auto_cancel_pending_pipelines"]?.text
        deletesPipelinesAfter =
            switch json["ci_delete_pipelines_in_seconds"] {
            case .null?: .some(nil)
            case let after?: after.integer.map { .some($0) } ?? .none
            case nil: .none
            }
    }
}

public struct MemberRow: Hashable, Sendable {
    public var accessLevel: Int64?
    /// Of the user.
    public var state: String?
    public var membershipState: String?
    public var expiresAt: EndDate

    init?(_ json: JSON) {
        guard json.isObject else { return nil }
        accessLevel = json["access_level"]?.integer
        state = json["state"]?.text
        membershipState = json["membership_state"]?.text
        expiresAt = json.endDate("expires_at")
    }
}

/// A branch or a tag.
public struct RefRow: Hashable, Sendable {
    public var name: String?
    public var isTag = false
    public var isProtected: Bool?
    /// Whether the token's user may push.
    public var canPush: Bool?
    public var developersCanMerge: Bool?

    init?(_ json: JSON) {
        guard json.isObject else { return nil }
        name = json["name"]?.text
        isProtected = json["protected"]?.boolean
        canPush = json["can_push"]?.boolean
        developersCanMerge = json["developers_can_merge"]?.boolean
    }
}

/// A pipeline schedule of GitLab.
public struct ScheduleRow: Hashable, Sendable {
    public var id: Int64
    public var description: String?
    public var ref: String?
    public var cron: String?
    public var zone: String?
    public var isActive: Bool?
    public var owner: String?
    public var ownerState: String?
    /// Whether its variables or inputs say ORCHESTRATE_START; nil where the token may not see them. Only an answer about this
    /// schedule alone has them. No other value of them is kept: it may be secret.
    public var saysStart: Bool?

    init?(_ json: JSON) {
        guard let id = json["id"]?.integer else { return nil }
        self.id = id
        description = json["description"]?.text
        ref = json["ref"]?.text
        saysStart = json["variables"]?.elements.map { variables in
            (variables + (json["inputs"]?.elements ?? [])).contains { entry in
                let name = entry["key"]?.text ?? entry["name"]?.text
                return name?.uppercased() == "ORCHESTRATE_START" && entry["value"]?.text == "true"
            }
        }
        cron = json["cron"]?.text
        zone = json["cron_timezone"]?.text
        isActive = json["active"]?.boolean
        owner = json["owner"]?["username"]?.text
        ownerState = json["owner"]?["state"]?.text
    }
}

public struct RunnerRow: Hashable, Sendable {
    public var id: Int64
    public var isPaused: Bool
    public var isOnline: Bool
    /// Only in an answer about this runner alone.
    public var tags: [String]?
    public var runsUntagged: Bool?

    init?(_ json: JSON) {
        guard let id = json["id"]?.integer else { return nil }
        self.id = id
        isPaused = json["paused"]?.boolean ?? (json["active"]?.boolean == false)
        isOnline = json["online"]?.boolean ?? (json["status"]?.text.map { $0 == "online" } ?? true)
        tags = json["tag_list"]?.elements?.compactMap(\.text)
        runsUntagged = json["run_untagged"]?.boolean
    }
}

public struct FreezeRow: Hashable, Sendable {
    public var start: String?
    public var end: String?
    public var zone: String?

    init?(_ json: JSON) {
        guard json.isObject else { return nil }
        start = json["freeze_start"]?.text
        end = json["freeze_end"]?.text
        zone = json["cron_timezone"]?.text
    }
}

/// What the lint says of a CI file. Scripts in the answer are never read.
public struct LintRow: Sendable {
    public struct Job: Hashable, Sendable {
        public var name: String
        public var tags: [String]
    }

    public var isValid: Bool
    public var errors: [String]
    /// The file with all that it includes, as YAML: it may hold secrets.
    public var mergedYAML: String?
    public var jobs: [Job]

    /// `json` is as GitLab sent it, because the file's lines must stay; what people see of it is made fit to be shown.
    init?(_ json: JSON, hiding secrets: [Secret]) {
        guard let isValid = json["valid"]?.boolean else { return nil }
        self.isValid = isValid
        mergedYAML = json["merged_yaml"]?.text
        func shown(_ name: String) -> [JSON] {
            json[name]?.presentable(hiding: secrets).elements ?? []
        }
        errors = shown("errors").compactMap(\.text)
        jobs = shown("jobs").compactMap { job in
            job["name"]?.text.map { Job(name: $0, tags: job["tag_list"]?.elements?.compactMap(\.text) ?? []) }
        }
    }
}

extension JSON {
    fileprivate var isObject: Bool { if case .object = self { true } else { false } }

    /// A text, or null; nil where there is neither.
    fileprivate func endDate(_ name: String) -> EndDate {
        switch self[name] {
        case .null?: .some(nil)
        case .text(let text)?: .some(text)
        default: .none
        }
    }
}
