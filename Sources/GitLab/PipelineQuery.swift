public import CivilTime

/// Which pipelines to list.
public struct PipelineQuery: Sendable {
    public enum Order: String, Sendable {
        /// Newest first: the order of ids is the order of creation.
        case id
        /// The one that changed last first.
        case updatedAt = "updated_at"
    }

    /// Exactly this pipeline name (GitLab 16.9 and later).
    public var name: String?
    /// `api` for pipelines that were created over the API.
    public var source: String?
    public var ref: String?
    public var username: String?
    public var createdAfter: Instant?
    public var updatedAfter: Instant?
    public var order: Order
    /// Pages of a hundred rows to read at most.
    public var maximumPages: Int

    public init(
        name: String? = nil, source: String? = nil, ref: String? = nil, username: String? = nil,
        createdAfter: Instant? = nil, updatedAfter: Instant? = nil, order: Order = .id,
        maximumPages: Int = 100
    ) {
        self.name = name
        self.source = source
        self.ref = ref
        self.username = username
        self.createdAfter = createdAfter
        self.updatedAfter = updatedAfter
        self.order = order
        self.maximumPages = maximumPages
    }

    var parameters: [(name: String, value: String)] {
        let wanted: [(String, String?)] = [
            ("name", name), ("source", source), ("ref", ref), ("username", username),
            ("created_after", createdAfter?.rfc3339Milliseconds),
            ("updated_after", updatedAfter?.rfc3339Milliseconds),
            ("order_by", order.rawValue), ("sort", "desc"),
        ]
        return wanted.compactMap { name, value in value.map { (name, $0) } }
    }

    /// Whether a row is asked for. Older servers ignore parameters they do not know (`name` before 16.9,
    /// `created_after` before 18) and send everything, so each row is judged again here.
    func admits(_ row: PipelineRow) -> Bool {
        (name == nil || row.name == name)
            && (source == nil || row.source == nil || row.source == source)
            && (ref == nil || row.ref == nil || row.ref == ref)
            && !isBefore(row.createdAt, createdAfter) && !isBefore(row.updatedAt, updatedAfter)
    }

    /// Whether every later row is older than asked for.
    func ends(at row: PipelineRow) -> Bool {
        switch order {
        case .id: isBefore(row.createdAt, createdAfter)
        case .updatedAt: isBefore(row.updatedAt, updatedAfter)
        }
    }

    private func isBefore(_ time: Instant?, _ bound: Instant?) -> Bool {
        guard let time, let bound else { return false }
        return time < bound
    }
}
