import Foundation
import GitLab
import HTTP
import NIOSSL
import Testing

/// A self-signed certificate, which the `openssl` command makes for one test run.
private struct Certificate {
    let directory: URL
    var file: String { directory.appendingPathComponent("cert.pem").path }

    init(host: String) throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", directory.appendingPathComponent("key.pem").path, "-out", file, "-days", "2", "-subj",
            "/CN=\(host)", "-addext", "subjectAltName=DNS:\(host)",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
    }

    func context(atMost version: TLSVersion? = nil) throws -> NIOSSLContext {
        let key = try NIOSSLPrivateKey(
            file: directory.appendingPathComponent("key.pem").path, format: .pem)
        let chain = try NIOSSLCertificate.fromPEMFile(file).map { NIOSSLCertificateSource.certificate($0) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv1
        configuration.maximumTLSVersion = version
        return try NIOSSLContext(configuration: configuration)
    }

    func remove() { try? FileManager.default.removeItem(at: directory) }
}

private var hasOpenSSL: Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .contains { FileManager.default.isExecutableFile(atPath: "\($0)/openssl") }
}

/// Trust: the client sends nothing to a server that cannot prove its identity.
@Suite(.timeLimit(.minutes(10))) struct TransportTLSTests {
    private let created = httpAnswer("201 Created", #"{"id":70001,"status":"created"}"#)

    private func send(_ base: String, _ environment: [String: String]) async throws -> HTTPResponse {
        let settings = try HTTPTransport.Settings(
            baseURL: base, token: Secret("glpat-secret-123"), version: "1", environment: environment,
            connectTimeout: .seconds(5))
        return try await HTTPTransport(settings).send(post())
    }

    private func words(_ base: String, _ environment: [String: String] = [:]) async -> String {
        let failure = await #expect(throws: TransportFailure.self) { try await send(base, environment) }
        guard case .notSent(let words) = failure else { return "not certain: \(String(describing: failure))" }
        return words
    }

    @Test(.enabled(if: hasOpenSSL)) func ownAuthority() async throws {
        let certificate = try Certificate(host: "localhost")
        defer { certificate.remove() }
        let server = try await TransportServer([.answer(created)], tls: certificate.context())
        let base = "https://localhost:\(server.port)/api/v4"
        #expect(await words(base).contains("CI_SERVER_TLS_CA_FILE"))
        #expect(server.requests.isEmpty)
        for name in ["CI_SERVER_TLS_CA_FILE", "SSL_CERT_FILE"] {
            #expect(try await send(base, [name: certificate.file]).status == 201)
        }
        #expect(server.requests.count == 2)
    }

    @Test(
        "A system without authorities, such as a slim image: those of SSL_CERT_FILE do",
        .enabled(if: hasOpenSSL))
    func slimImage() async throws {
        let certificate = try Certificate(host: "localhost")
        defer { certificate.remove() }
        let server = try await TransportServer([.answer(created)], tls: certificate.context())
        for environment in [["SSL_CERT_FILE": certificate.file], [:]] {
            var settings = try HTTPTransport.Settings(
                baseURL: "https://localhost:\(server.port)/api/v4", token: Secret("glpat-secret-123"),
                version: "1", environment: environment, connectTimeout: .seconds(5))
            settings.systemAuthorities = ["/nowhere/certs"]
            let transport = try HTTPTransport(settings)
            if environment.isEmpty {
                await #expect(throws: TransportFailure.self) { try await transport.send(post()) }
            } else {
                #expect(try await transport.send(post()).status == 201)
            }
        }
        #expect(server.requests.count == 1)
    }

    @Test(.enabled(if: hasOpenSSL)) func certificateOfAnotherHost() async throws {
        let certificate = try Certificate(host: "other.example.com")
        defer { certificate.remove() }
        let server = try await TransportServer([.answer(created)], tls: certificate.context())
        let environment = ["SSL_CERT_FILE": certificate.file]
        #expect(
            await words("https://localhost:\(server.port)/api/v4", environment).contains("another host name"))
        #expect(server.requests.isEmpty)
    }

    @Test(.enabled(if: hasOpenSSL), arguments: [TLSVersion.tlsv1, .tlsv11, .tlsv12, .tlsv13])
    func versionsOfTLS(_ version: TLSVersion) async throws {
        let certificate = try Certificate(host: "localhost")
        defer { certificate.remove() }
        let server = try await TransportServer([.answer(created)], tls: certificate.context(atMost: version))
        let (base, environment) = (
            "https://localhost:\(server.port)/api/v4", ["SSL_CERT_FILE": certificate.file]
        )
        guard [.tlsv1, .tlsv11].contains(version) else {
            #expect(try await send(base, environment).status == 201)
            return
        }
        let words = await words(base, environment)
        #expect(words.contains("TLS 1.2"), "\(words)")
        #expect(server.requests.isEmpty)
    }

    @Test func notTLSAtAll() async throws {
        let server = try await TransportServer([], greeting: "HTTP/1.1 400 Bad Request\r\n\r\n")
        #expect(await words("https://127.0.0.1:\(server.port)/api/v4").contains("http instead of https"))
    }

    @Test func handshakesThatNeverEnd() async throws {
        let server = try await TransportServer([.silence])
        let settings = try HTTPTransport.Settings(
            baseURL: "https://127.0.0.1:\(server.port)/api/v4", token: Secret("glpat-secret-123"),
            version: "1",
            connectTimeout: .milliseconds(200))
        let transport = try HTTPTransport(settings)
        let failure = await #expect(throws: TransportFailure.self) { try await transport.send(post()) }
        guard case .notSent = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test(arguments: [
        ("/no/such/file.pem", "No such file"), ("/", "Is a directory"), ("/dev/null", "is a device"),
        ("/etc/hostname", "no certificate"),
    ])
    func authorityFiles(path: String, cause: String) throws {
        let settings = try HTTPTransport.Settings(
            baseURL: "https://gitlab.example.com/api/v4", token: Secret("t-o-k-e-n"), version: "1",
            environment: ["CI_SERVER_TLS_CA_FILE": path])
        let error = #expect(throws: TransportSetupError.self) { try HTTPTransport(settings) }
        #expect(error?.place == "CI_SERVER_TLS_CA_FILE=\(path)")
        #expect(error?.cause.contains(cause) == true, "\(error?.description ?? "")")
    }
}
