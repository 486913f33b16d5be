import Scheduling

extension RunState {
    /// The number of the state in the file, as in the table `state`. Never reuse one for another state.
    var code: Int64 {
        switch self {
        case .claimed: 0
        case .uncertain: 1
        case .triggered: 2
        case .retrying: 3
        case .blocked: 4
        case .succeeded: 10
        case .failed: 11
        case .canceled: 12
        case .skipped: 13
        case .refused: 14
        case .lost: 15
        }
    }

    /// nil: no state has this number.
    init?(code: Int64) {
        guard let state = RunState.allCases.first(where: { $0.code == code }) else { return nil }
        self = state
    }
}
