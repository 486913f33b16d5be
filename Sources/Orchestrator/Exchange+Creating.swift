import GitLab
import Scheduling
import Text

/// The POSTs that create pipelines.
extension Exchange {
    func create(
        _ order: Order, in project: String, _ decidedAt: Duration
    ) async throws(APIFailure) -> Pipeline {
        try await create(PipelineOrder(order), in: project) { () throws(APIFailure) in
            guard uptime() - decidedAt < order.sendWithin else {
                let words = "not sent: the lease of this instance was over"
                throw APIFailure(.unavailable, request: "", message: words)
            }
        }
    }

    func startSuccessor(
        _ project: String, _ ref: String, of own: Int64, _ mark: MarkKind
    ) async throws(APIFailure) -> Pipeline {
        let order =
            switch mark {
            case .variables:
                PipelineOrder(ref: ref, variables: [.init(key: Marks.successorOf, value: "\(own)")])
            case .inputs: PipelineOrder(ref: ref, inputs: [Marks.successorInput(of: own)])
            }
        return try await create(order, in: project)
    }

    /// `check`: throws if the POST may not leave any more.
    private func create(
        _ order: PipelineOrder, in project: String, check: () throws(APIFailure) -> Void = {}
    ) async throws(APIFailure) -> Pipeline {
        do throws(APIFailure) {
            if !order.inputs.isEmpty { try await inputSupport.require(client) }
            try check()
            let row = try await client.createPipeline(project: project, order)
            return Pipeline(id: row.id, url: row.webURL ?? "")
        } catch {
            guard error.kind == .inputsRefused else { throw error }
            var failure = error
            // With variables, only the job's own inputs can be wrong: marks as inputs would not help.
            if !order.variables.isEmpty {
                failure.kind = .refused
            } else if failure.status != nil, !failure.message.contains("` input: ") {
                failure.advice = Marks.advice(for: order.inputs)
            }
            throw failure
        }
    }
}
