/// A change that will happen by itself at some time.
enum Planned: Sendable {
    /// A job reaches a status, unless it has changed since (see `FakeJob.generation`).
    case job(id: Int64, generation: Int, status: FakeStatus)
    /// A request takes effect long after its answer has gone out: see `FakeFault.Effect.late`.
    case request(FakeRequest)
    /// GitLab looks for pipelines that a new one makes redundant. The new one has this index in `allPipelines`.
    case autoCancel(pipeline: Int)
}
