import NIOSSL
import Testing

@testable import HTTP

/// Authorities of the system, and those that the environment names.
@Suite struct TrustRootsTests {
    private let example: NIOSSLCertificate

    init() throws { example = try #require(NIOSSLCertificate.example) }

    private func trust(besides paths: [String], named: Bool = true) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        TrustRoots.add(named ? [example] : [], besides: paths, to: &tls)
        return tls
    }

    @Test("Where the system has none, those of the environment are all that there is")
    func slimImage() {
        let tls = trust(besides: ["/nowhere/certs", "/nowhere/bundle.crt"])
        #expect(tls.trustRoots == .certificates([example]) && tls.additionalTrustRoots.isEmpty)
        #expect(trust(besides: ["/nowhere"], named: false).trustRoots == .certificates([]))
    }

    @Test(
        "Where the system has some, those of the environment join them", arguments: ["/etc", "/etc/passwd"])
    func both(path: String) {
        let tls = trust(besides: ["/nowhere/certs", path])
        #expect(tls.trustRoots == .default && tls.additionalTrustRoots == [.certificates([example])])
        #expect(trust(besides: [path], named: false).additionalTrustRoots.isEmpty)
    }
}

extension NIOSSLCertificate {
    /// Self-signed, of nobody, until 2126.
    fileprivate static let example: NIOSSLCertificate? = try? NIOSSLCertificate(
        bytes: Array(pem.utf8), format: .pem)

    private static let pem = """
        -----BEGIN CERTIFICATE-----
        MIIBfDCCASGgAwIBAgIUX1twqqun2jfh4Gq7JbgBj+FHvm4wCgYIKoZIzj0EAwIw
        EjEQMA4GA1UEAwwHZXhhbXBsZTAgFw0yNjExMjkxMTE4MTVaGA8yMTI2MTEwNTEx
        MTgxNVowEjEQMA4GA1UEAwwHZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEH
        A0IABPf+5U0O9igS6LhOgHYZNoskCtS5lQZqCtWBBL6BMfOaw7tL8z6nhPsnbbFm
        1MeilN06N6twT1S64C6wcoad+kCjUzBRMB0GA1UdDgQWBBRAKuReEgYPtZFEOIcL
        sXQyiReyvDAfBgNVHSMEGDAWgBRAKuReEgYPtZFEOIcLsXQyiReyvDAPBgNVHRMB
        Af8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQCiPxFaXdlMgVwf5EZ1k3JEoV7P
        iW/W2WkNBoEmwshiiQIhANUwoatDeZrLbCKCN50YwXlA1DTvE7AOpp7PxID7pyEg
        -----END CERTIFICATE-----
        """
}
