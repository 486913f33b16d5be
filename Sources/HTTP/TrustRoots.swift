import NIOSSL
import SystemPackage

/// Certificates of authorities that are trusted besides the system's.
enum TrustRoots {
    static func extra(
        from variables: [String], of environment: [String: String]
    ) throws(TransportSetupError) -> [NIOSSLCertificate] {
        var roots: [NIOSSLCertificate] = []
        for name in variables {
            guard let path = environment[name], !path.isEmpty else { continue }
            do {
                roots += try NIOSSLCertificate.fromPEMFile(path)
            } catch {
                throw TransportSetupError(
                    place: "\(name)=\(path)", cause: cause(path),
                    advice: "it should be a readable file of certificates in PEM form")
            }
        }
        return roots
    }

    private static func cause(_ path: String) -> String {
        do {
            let file = try FileDescriptor.open(path, .readOnly)
            // A directory opens, and fails when it is read.
            try file.closeAfter {
                try withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { _ = try file.read(into: $0) }
            }
            return "holds no certificate that can be read"
        } catch {
            return "cannot be opened: \(error)"
        }
    }
}
