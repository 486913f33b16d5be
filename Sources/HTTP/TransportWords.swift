import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import SystemPackage

/// Puts the errors of async-http-client, NIO and TLS into words for people, without any secret.
struct TransportWords {
    var settings: HTTPTransport.Settings
    var deadline: Duration

    func text(for error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: text(for: error)
        case let error as NIOConnectionError: text(for: error)
        case let error as IOError: "\(place): \(Errno(rawValue: error.errnoCode))"
        case let error as NIOSSLError: tls("\(error)")
        case let error as BoringSSLError: tls("\(error)")
        case let error as NIOSSLExtraError: tls("\(error)")
        case let error as HTTPParserError: "\(place): the answer is not HTTP (\(error))"
        case is ResponseCollector.TooLarge: "the answer is larger than \(settings.maximumAnswer >> 20) MiB"
        case is CancellationError: "canceled"
        case is ChannelError: "\(place): the connection ended (\(error))"
        // The description of an unknown error may hold the address.
        case _ where settings.hidesAddress: "\(place): \(type(of: error))"
        default: "\(place): \(String("\(error)".prefix(200)))"
        }
    }

    private var place: String {
        settings.hidesAddress ? settings.peer : "\(settings.base.host):\(settings.base.effectivePort)"
    }

    private func text(for error: HTTPClientError) -> String {
        switch error {
        case .connectTimeout: "\(place): no connection within \(settings.connectTimeout)"
        case .deadlineExceeded: "no complete answer within \(deadline)"
        case .remoteConnectionClosed: "\(place) closed the connection before the answer was complete"
        case .cancelled: "canceled"
        case .alreadyShutdown: "the connections to \(settings.peer) are closed already"
        case .getConnectionFromPoolTimeout:
            "no free connection within \(settings.connectTimeout): all \(settings.maximumConnections) are in use or cannot be opened"
        case .proxyAuthenticationRequired: "the proxy asks for a user and a password: put them into its URL"
        case .invalidProxyResponse: "the proxy refuses to connect to \(place)"
        case .httpProxyHandshakeTimeout:
            "the proxy did not connect to \(place) within \(settings.connectTimeout)"
        case .tlsHandshakeTimeout: tls("no TLS within \(settings.connectTimeout)")
        // `description` would repeat the values of headers, the token among them.
        default: "\(place): \(error.shortDescription)"
        }
    }

    private func text(for error: NIOConnectionError) -> String {
        if let failure = error.connectionErrors.first {
            let cause = (failure.error as? IOError).map { Errno(rawValue: $0.errnoCode).description }
            let other = settings.hidesAddress ? "\(type(of: failure.error))" : "\(failure.error)"
            return "\(place(of: error)): \(cause ?? other)"
        }
        return settings.hidesAddress
            ? "the host name of \(place(of: error)) cannot be resolved"
            : "the host name \(error.host) cannot be resolved"
    }

    /// Where the connection should have led: to the server, or to the proxy.
    private func place(of error: NIOConnectionError) -> String {
        guard settings.hidesAddress else { return "\(error.host):\(error.port)" }
        return error.host == settings.base.host ? place : "the proxy"
    }

    /// BoringSSL's errors are long and name its own source files, so this translates the known ones.
    private func tls(_ text: String) -> String {
        let cause =
            if text.contains("CERTIFICATE_VERIFY_FAILED") {
                "no authority that this machine knows signed its certificate, or it is out of date: name the authority's file in \(settings.certificateVariables.joined(separator: " or ")), or install ca-certificates"
            } else if text.contains("WRONG_VERSION_NUMBER") {
                "it does not speak TLS: is it http instead of https?"
            } else if text.contains("UNSUPPORTED_PROTOCOL") || text.contains("PROTOCOL_VERSION") {
                "it does not speak TLS 1.2 or a later version, and orchestrate accepts no earlier one"
            } else if text.contains("failedToValidateHostname")
                || text.contains("unableToValidateCertificate")
            {
                "its certificate is for another host name"
            } else if settings.hidesAddress {
                "TLS fails"
            } else {
                String(text.prefix(200))
            }
        return "\(place): \(cause)"
    }
}
