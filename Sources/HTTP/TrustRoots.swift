import NIOSSL

/// Certificates of authorities to trust besides those of the system.
enum TrustRoots {
    /// In bytes: larger than a list of all existing authorities.
    private static let maximumSize = 16 << 20

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
