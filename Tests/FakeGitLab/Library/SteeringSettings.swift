/// The settings that `PATCH /fake/settings` changes, and other changes to the site.
extension FakeGitLab {
    /// Changes nothing unless every name is known and every value fits.
    mutating func changeSettings(_ parameters: FakeJSON) -> FakeAnswer {
        var changed = settings
        for member in parameters.members where !changed.change(member.name, to: member.value) {
            return .error(400, "\(member.name) does not have a valid value")
        }
        settings = changed
        return FakeAnswer(200, [:])
    }

    /// `POST /fake/push`: a new commit, and a pipeline on it if the request asks for one.
    mutating func push(_ parameters: FakeJSON) -> FakeAnswer {
        let behaviour = parameters["pipeline"].bool ?? false ? settings.behaviour : nil
        guard let sha = push(to: parameters["ref"].text ?? "main", followedBy: behaviour) else {
            return .error(400, "ref is unknown")
        }
        return FakeAnswer(201, ["sha": .string(sha)])
    }

    /// `POST /fake/move`: the first project gets another path.
    mutating func move(_ parameters: FakeJSON) -> FakeAnswer {
        guard let path = parameters["path"].text, path.contains("/") else {
            return .error(400, "path does not have a valid value")
        }
        if let project = settings.projects.first { moveProject(project.id, to: path) }
        return FakeAnswer(200, [:])
    }
}

extension FakeSettings {
    private static var flags: [String: WritableKeyPath<FakeSettings, Bool>] {
        [
            "read_only": \.isReadOnly, "cancels_redundant": \.cancelsRedundant,
            "cancels_manual": \.cancelsManual,
        ]
    }

    private static var counts: [String: WritableKeyPath<FakeSettings, Int>] {
        [
            "pipelines_per_minute": \.pipelinesPerMinute,
            "pipelines_per_minute_of_user": \.pipelinesPerMinuteOfUser,
            "requests_per_minute": \.requestsPerMinute, "job_lists_per_minute": \.jobListsPerMinute,
            "job_retries_per_minute": \.jobRetriesPerMinute, "retries_per_job": \.retriesPerJob,
        ]
    }

    private static let roles = ["no_one_allowed", "owner", "maintainer", "developer"]

    private static var durations: [String: WritableKeyPath<FakeSettings, Int64>] {
        ["read_lag": \.readLag, "auto_cancel_delay": \.autoCancelDelay]
    }

    /// Sets the setting of this name to a value. Returns false if there is no such setting or the value does not fit.
    mutating func change(_ name: String, to value: FakeJSON) -> Bool {
        if let path = Self.flags[name], let flag = value.bool {
            self[keyPath: path] = flag
        } else if let path = Self.counts[name], let count = value.int, (0...1_000_000_000).contains(count) {
            self[keyPath: path] = Int(count)
        } else if let path = Self.durations[name],
            let duration = value.text.flatMap(FakeBehaviour.microseconds)
        {
            self[keyPath: path] = duration
        } else if name == "version", let text = value.text {
            version = text
        } else if name == "variables_role", let role = value.text, Self.roles.contains(role) {
            for index in projects.indices { projects[index].variablesRole = role }
        } else if name == "inputs" {
            let names = value.isNull ? nil : Set(value.elements.compactMap(\.text))
            for index in projects.indices { projects[index].facts.ciFile?.inputs = names }
        } else {
            return changeSite(name, to: value)
        }
        return true
    }
}
