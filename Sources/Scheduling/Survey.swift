import CivilTime

/// What is being read from GitLab at the start, by project, and what was found.
struct Survey: Sendable {
    /// Projects that are being read, and how often in a row that failed.
    private var pending: [String: Int] = [:]
    /// All projects were read, and the runs that were found are on their way into the ledger.
    private var isBeingWritten = false
    /// This scheduler reads these projects once more, when GitLab has carried out every POST of the other instances.
    private var secondLooks: Set<String> = []
    /// Run ids that have pipelines.
    private var sighted: Set<RunID> = []
    /// Runs that were found and that this scheduler did not know.
    private var found = 0
    /// Some pipelines could not be read.
    private var lacksPipelines = false
    /// Runs opened because their pipeline was seen. They are dropped again if the ledger already has them as finished.
    private var adopted: Set<RunID> = []

    /// Whether both readings are done, and GitLab showed every pipeline.
    var isWhole: Bool { pending.isEmpty && secondLooks.isEmpty && !lacksPipelines }

    mutating func begin(_ projects: Set<String>) {
        for project in projects { pending[project] = pending[project] ?? 0 }
    }

    func isPending(_ project: String) -> Bool { pending[project] != nil }

    /// Returns how often in a row the project could not be read.
    mutating func failed(_ project: String) -> Int {
        let failures = (pending[project] ?? 0) + 1
        pending[project] = failures
        return failures
    }

    /// Returns whether it was the last project.
    mutating func read(_ project: String, isComplete: Bool) -> Bool {
        pending[project] = nil
        lacksPipelines = lacksPipelines || !isComplete
        return pending.isEmpty
    }

    // MARK: What was found

    mutating func sees(_ id: RunID) { sighted.insert(id) }

    func hasSeen(_ id: RunID) -> Bool { sighted.contains(id) }

    mutating func finds(_ run: Run) {
        found += 1
        if run.state.isOpen { adopted.insert(run.id) }
    }

    func isAdopted(_ id: RunID) -> Bool { adopted.contains(id) }

    /// The ledger has the run as finished. Returns whether it was opened by this survey.
    mutating func withdraw(_ id: RunID) -> Bool { adopted.remove(id) != nil }

    /// The runs that were found are written first: the ledger may have them as finished.
    mutating func isWriting() { isBeingWritten = true }

    /// The ledger has written changes. Returns whether they were the runs that the survey found.
    mutating func written() -> Bool {
        defer { isBeingWritten = false }
        return isBeingWritten
    }

    /// The fire times that have pipelines, by job and oldest first.
    var sightedFireTimes: [String: [Instant]] {
        Dictionary(grouping: sighted, by: \.job).mapValues { $0.map(\.fireTime).sorted() }
    }

    /// Ends the first reading. Returns how many runs were found.
    mutating func end() -> Int {
        defer { found = 0 }
        return found
    }

    /// Every fire time around those with pipelines has its row.
    mutating func forgetSighted() { sighted.removeAll() }

    // MARK: The second look

    mutating func planSecondLook(at projects: Set<String>) { secondLooks = projects }

    var projectsToLookAt: [String] { secondLooks.sorted() }

    mutating func lookedAgain(_ project: String, isComplete: Bool = true) {
        secondLooks.remove(project)
        lacksPipelines = lacksPipelines || !isComplete
    }
}
