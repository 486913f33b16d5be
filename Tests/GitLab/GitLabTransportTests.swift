import GitLab
import HTTP
import Testing

@Suite struct GitLabTransportTests {
    @Test(arguments: ["", "glpat 123", "glpat-123\n", "glpät"])
    func tokensThatCannotBeSent(token: String) {
        let error = #expect(throws: TransportSetupError.self) {
            try HTTPTransport.Settings(baseURL: "http://h/api/v4", token: Secret(token), version: "1")
        }
        #expect(error?.place == "CI_PIPELINE_TOKEN")
        #expect(token.isEmpty || error?.description.contains(token) == false)
    }

    @Test func theAddressIsNamedByItsVariable() {
        let error = #expect(throws: TransportSetupError.self) {
            try HTTPTransport.Settings(baseURL: "gitlab", token: Secret("t-o-k-e-n"), version: "1")
        }
        #expect(
            error?.description
                == "CI_API_V4_URL: does not begin with https://; it should be like https://gitlab.example.com/api/v4"
        )
    }
}
