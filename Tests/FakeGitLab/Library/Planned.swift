/// What will happen by itself at some time.
enum Planned: Sendable {
    /// A job comes to a status, unless it has changed since (see `FakeJob.generation`).
    case job(id: Int64, generation: Int, status: FakeStatus)
    /// A request whose answer has gone out long ago takes effect: see `FakeFault.Effect.late`.
    case request(FakeRequest)
}
