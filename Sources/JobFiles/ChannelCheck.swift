public import Scheduling

extension LoadedJobs {
    /// Reports channels that are not there or cannot do what a job asks of them, and jobs whose pings nobody could tell
    /// apart.
    ///
    /// `known`: the channels by name; nil: they are not known here, so that their names are not checked.
    public mutating func checkChannels(_ known: [String: ChannelTraits]? = nil) {
        guard !channels.isEmpty else { return }
        let uses = channels.flatMap { job, uses in uses.map { (job: job, use: $0) } }
            .sorted { $0.use.place < $1.use.place }
        if let known { problems += uses.compactMap { Self.problem(of: $0.use, known) } }
        problems += Self.pingProblems(uses.filter(\.use.isPing))
        problems.sort { $0.place < $1.place }
    }

    private static func problem(of use: ChannelUse, _ known: [String: ChannelTraits]) -> Problem? {
        let name = use.channel.quoted
        guard let traits = known[use.channel] else {
            let variable = "ORCHESTRATE_NOTIFY_\(use.channel.uppercased())"
            let others = known.keys.sorted().joined(separator: ", ")
            let scheme = use.isPing ? "healthchecks" : "slack"
            return Problem(
                use.place,
                "unknown channel \(name): \(variable) is not set; "
                    + (known.isEmpty ? "there are no channels" : "known are \(others)"),
                hint: use.channel.nearest(among: known.keys.sorted()) ?? "\(variable)=\(scheme)+https://…")
        }
        guard traits.isSwitch != use.isPing else { return nil }
        return use.isPing
            ? Problem(
                use.place, "the channel \(name) takes no pings",
                hint: "notify: \(use.channel), or the name of a channel healthchecks+https://…")
            : Problem(
                use.place, "the channel \(name) takes pings only",
                hint: "ping: \(use.channel), or the name of another channel")
    }

    /// A dead-man's switch knows a job by a part of its name.
    private static func pingProblems(_ pings: [(job: String, use: ChannelUse)]) -> [Problem] {
        var taken: [String: (job: String, place: Place)] = [:]
        return pings.compactMap { job, use in
            let slug = Job.pingSlug(of: job)
            guard !slug.isEmpty else {
                return Problem(
                    use.place, "the name \(job.quoted) has no character that the address of a ping can have",
                    hint: "a pipeline_name with letters a-z or digits")
            }
            // A channel's name has no '/'.
            guard let first = taken["\(use.channel)/\(slug)"] else {
                taken["\(use.channel)/\(slug)"] = (job, use.place)
                return nil
            }
            return Problem(
                use.place,
                "the channel \(use.channel.quoted) knows two jobs as \(slug.quoted): \(job.quoted), and "
                    + "\(first.job.quoted) at \(first.place)",
                hint: "another pipeline_name, or another channel for one of them")
        }
    }
}
