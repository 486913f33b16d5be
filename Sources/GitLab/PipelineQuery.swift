public import CivilTime

/// Which pipelines to list: newest first, because the order of ids is the order of creation.
public struct PipelineQuery: Sendable {
    /// `api` for pipelines that were created over the API.
    public var source: String?
    public var createdAfter: Instant?
    public var updatedAfter: Instant?
    /// How many pages of a hundred rows to read at most.
    public var maximumPages: Int

    public init(
        source: String? = nil, createdAfter: Instant? = nil, updatedAfter: Instant? = nil,
        maximumPages: Int = 100
    ) {
        self.source = source
        self.createdAfter = createdAfter
        self.updatedAfter = updatedAfter
        self.maximumPages = maximumPages
    }

    var parameters: [(name: String, value: String)] {
        let wanted: [(String, String?)] = [
            ("source", source), ("created_after", createdAfter?.rfc3339Milliseconds),
            ("updated_after", updatedAfter?.rfc3339Milliseconds), ("order_by", "id"), ("sort", "desc"),
        ]
        return wanted.compactMap { name, value in value.map { (name, $0) } }
    }

    /// Whether the query asks for this row. Older servers ignore parameters that they do not know (`created_after`
    /// before 18) and send everything, so the client judges each row again.
    func admits(_ row: PipelineRow) -> Bool {
        (source == nil || row.source == nil || row.source == source)
            && !isBefore(row.createdAt, createdAfter) && !isBefore(row.updatedAt, updatedAfter)
    }

    /// Whether every later row is older than the query asks for.
    func ends(at row: PipelineRow) -> Bool { isBefore(row.createdAt, createdAfter) }

    private func isBefore(_ time: Instant?, _ bound: Instant?) -> Bool {
        guard let time, let bound else { return false }
        return time < bound
    }
}
