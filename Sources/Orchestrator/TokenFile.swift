import HTTP
import Synchronization

/// The file of the token. An operator may have put a new token into it, so the scheduler reads it again at SIGHUP and
/// when GitLab does not take the present token.
final class TokenFile: Sendable {
    private let environment: Environment
    private let transport: HTTPTransport
    private let used: Mutex<String>

    init(_ configuration: Configuration, _ transport: HTTPTransport) {
        environment = configuration.environment
        self.transport = transport
        used = Mutex(configuration.token)
    }

    /// Reads the file and uses its token. Returns what is wrong with the file; then the token in use stays.
    @discardableResult
    func readAgain() -> [String] {
        guard environment[.token] == nil, environment[.tokenFile] != nil else { return [] }
        var problems: [String] = []
        guard let token = environment.readToken(problems: &problems) else { return problems }
        used.withLock { used in
            if token != used { transport.renew(Secret(token)) }
            used = token
        }
        return problems
    }
}
