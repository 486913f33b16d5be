/// Requests under `/fake/` that steer the simulation itself. They need no token, because the server is on loopback.
extension FakeGitLab {
    /// Answers a request of the simulation's own; nil for every other path.
    public mutating func steer(_ request: FakeRequest, at time: Int64) -> FakeAnswer? {
        let segments = request.path.split(separator: "/").map(String.init)
        guard segments.first == "fake" else { return nil }
        advance(to: time)
        guard let parameters = Parameters.of(request) else {
            return .error(400, "The request body is not a JSON object")
        }
        let what = segments.dropFirst().joined(separator: "/")
        switch (request.method, what) {
        case ("GET", "state"): return FakeAnswer(200, stateJSON)
        case ("POST", "reset"): return reset()
        case ("POST", "instances"): return startInstance(parameters)
        case ("POST", "faults"): return addFault(parameters)
        case ("DELETE", "faults"):
            removeFaults()
            return FakeAnswer(200, [:])
        case ("POST", "push"): return push(parameters)
        case ("POST", "move"): return move(parameters)
        case ("POST", "recreate_tokens"):
            recreateTokens()
            return FakeAnswer(200, [:])
        case ("PATCH", "settings"): return changeSettings(parameters)
        case ("POST", _) where segments.count == 3 && segments[1] == "instances",
            ("PATCH", _) where segments.count == 3 && segments[1] == "instances":
            return setInstance(segments[2], parameters)
        default: return .error(404, "404 Not Found")
        }
    }

    private mutating func reset() -> FakeAnswer {
        var fresh = FakeGitLab(settings)
        fresh.advance(to: now)
        self = fresh
        return FakeAnswer(200, [:])
    }

    private mutating func startInstance(_ parameters: FakeJSON) -> FakeAnswer {
        guard let status = FakeStatus(rawValue: parameters["status"].text ?? "running") else {
            return .error(400, "status does not have a valid value")
        }
        let id = startInstance(
            name: parameters["name"].text ?? "orchestrate", ref: parameters["ref"].text ?? "main", at: now,
            status: status, resourceGroup: parameters["resource_group"].text)
        guard let id, let job = job(id) else { return .error(400, "ref is unknown") }
        return FakeAnswer(201, instanceJSON(job))
    }

    private mutating func setInstance(_ id: String, _ parameters: FakeJSON) -> FakeAnswer {
        guard let status = parameters["status"].text.flatMap(FakeStatus.init(rawValue:)) else {
            return .error(400, "status does not have a valid value")
        }
        guard let id = Int64(id), setInstance(id, to: status, at: now), let job = job(id) else {
            return .error(404, "404 Not Found")
        }
        return FakeAnswer(200, instanceJSON(job))
    }

    private mutating func addFault(_ parameters: FakeJSON) -> FakeAnswer {
        do {
            add(try FakeFault(parameters))
            return FakeAnswer(201, ["faults": .int(Int64(faults.count))])
        } catch {
            return error.answer
        }
    }

    /// The whole state: pipelines with variables, history and jobs; instances; counts of requests.
    private var stateJSON: FakeJSON {
        let counts = requestCounts.map { FakeJSON.Member($0.key.rawValue, .int(Int64($0.value))) }
        return [
            "now": time(now), "pipelines": .array(pipelines.map(stateJSON)),
            "instances": .array(instances.map(instanceJSON)),
            "faults": .int(Int64(faults.count)),
            "requests": .object(counts.sorted { $0.name < $1.name }),
        ]
    }

    private func stateJSON(_ pipeline: FakePipeline) -> FakeJSON {
        let variables = pipeline.variables.map { FakeJSON.Member($0.key, .string($0.value)) }
        let history = pipeline.history.map { change -> FakeJSON in
            ["status": .string(change.status.rawValue), "at": time(change.at)]
        }
        let jobs = jobs(ofPipeline: pipeline.id).map { job -> FakeJSON in
            [
                "id": .int(job.id), "name": .string(job.name), "status": .string(job.status.rawValue),
                "attempt": .int(Int64(job.attempt)), "retried": .bool(job.isRetried),
                "child": job.childID.map(FakeJSON.int) ?? .null,
            ]
        }
        return [
            "id": .int(pipeline.id), "name": FakeJSON(pipeline.name), "ref": .string(pipeline.ref),
            "source": .string(pipeline.source), "status": .string(pipeline.status.rawValue),
            "created_at": time(pipeline.createdAt), "canceled_by": FakeJSON(pipeline.canceledBy),
            "deleted": .bool(pipeline.isDeleted), "variables": .object(variables), "inputs": pipeline.inputs,
            "history": .array(history), "jobs": .array(jobs),
        ]
    }

    private func instanceJSON(_ job: FakeJob) -> FakeJSON {
        [
            "id": .int(job.id), "name": .string(job.name), "status": .string(job.status.rawValue),
            "created_at": time(job.createdAt), "token": .string(job.token),
        ]
    }
}

extension FakeFault {
    /// Reads a fault in the form of `POST /fake/faults`, which has seconds where the model has microseconds.
    init(_ parameters: FakeJSON) throws(Refusal) {
        let operation = parameters["operation"].text.flatMap(FakeOperation.init(rawValue:))
        guard operation != nil || parameters["operation"].isNull else {
            throw Refusal(.error(400, "operation does not have a valid value"))
        }
        self.init(
            on: operation, effect: try Self.effect(parameters), reply: try Self.reply(parameters),
            containing: parameters["containing"].text)
        let times = max(0, parameters["times"].int ?? 1)
        self.times = times == 0 ? nil : Int(times)
        delay = parameters["delay"].text.flatMap(FakeBehaviour.microseconds) ?? 0
        skip = Int(max(0, parameters["skip"].int ?? 0))
        probability = parameters["probability"].number ?? 1
    }

    private static func effect(_ parameters: FakeJSON) throws(Refusal) -> Effect {
        let late = parameters["late"].text.flatMap(FakeBehaviour.microseconds)
        switch parameters["effect"].text ?? (late == nil ? "none" : "late") {
        case "none": return .none
        case "now": return .now
        case "late": return .late(microseconds: late ?? 5 * Timestamp.second)
        default: throw Refusal(.error(400, "effect does not have a valid value"))
        }
    }

    private static func reply(_ parameters: FakeJSON) throws(Refusal) -> Reply {
        if let status = parameters["reply"].int, (400...599).contains(status) {
            return .canned(.usual(Int(status)))
        }
        if let name = parameters["sentence"].text {
            guard let sentence = FakeSentence.allCases.first(where: { String(describing: $0) == name }) else {
                throw Refusal(.error(400, "sentence does not have a valid value"))
            }
            return .canned(sentence.answer)
        }
        switch parameters["reply"].text ?? "real" {
        case "real": return .real
        case "cut": return .cut
        case "hang": return .hang
        case "truncated": return .truncated
        case "empty": return .empty
        case "wrong_type": return .wrongContentType
        case "rate_limit": return .canned(.tooManyPipelines)
        case "too_many": return .tooManyRequests(retryAfter: parameters["retry_after"].int ?? 42)
        default: throw Refusal(.error(400, "reply does not have a valid value"))
        }
    }
}
