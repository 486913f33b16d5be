/// What will happen by itself at some time.
enum Planned: Sendable {
    /// A job comes to a status, unless it has changed since (see `FakeJob.generation`).
    case job(id: Int64, generation: Int, status: FakeStatus)
    /// A request whose answer has gone out long ago takes effect: see `FakeFault.Effect.late`.
    case request(FakeRequest)
    /// GitLab looks for what a new pipeline makes redundant; it is at this place in `allPipelines`.
    case autoCancel(pipeline: Int)
}
