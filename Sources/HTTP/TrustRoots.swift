import NIOSSL
import SystemPackage

/// Certificates of authorities to trust besides those of the system.
enum TrustRoots {
    /// In bytes: larger than a list of all existing authorities.
    private static let maximumSize = 16 << 20

    /// Where NIOSSL looks for the authorities of the system. A slim image has neither of them.
    static let systemPaths = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs",
    ]

    static func extra(
        from variables: [String], of environment: [String: String]
    ) throws(TransportSetupError) -> [NIOSSLCertificate] {
        var roots: [NIOSSLCertificate] = []
        for name in variables {
            guard let path = environment[name], !path.isEmpty else { continue }
            roots += try read(path, name)
        }
        return roots
    }

    /// Where the system has none, NIOSSL fails each connection, whatever else it is told to trust: the extra ones are then
    /// all that there is.
    static func add(_ roots: [NIOSSLCertificate], besides paths: [String], to tls: inout TLSConfiguration) {
        if !paths.contains(where: canBeRead) {
            tls.trustRoots = .certificates(roots)
        } else if !roots.isEmpty {
            tls.additionalTrustRoots = [.certificates(roots)]
        }
    }

    private static func canBeRead(_ path: String) -> Bool {
        (try? FileDescriptor.open(FilePath(path), .readOnly).close()) != nil
    }

    private static func read(
        _ path: String, _ name: String
    ) throws(TransportSetupError) -> [NIOSSLCertificate] {
        do throws(NamedFile.Refusal) {
            let bytes = try NamedFile.bytes(of: path, atMost: maximumSize)
            guard !bytes.isEmpty, let roots = try? NIOSSLCertificate.fromPEMBytes(bytes) else {
                throw NamedFile.Refusal(cause: "holds no certificate that can be read")
            }
            return roots
        } catch {
            throw TransportSetupError(
                place: "\(name)=\(path)", cause: error.cause,
                advice: "it should be a readable file of certificates in PEM form")
        }
    }
}
