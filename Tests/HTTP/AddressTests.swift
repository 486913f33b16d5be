import Testing

@testable import HTTP

private func parsed(_ text: String) throws(TransportSetupError) -> BaseURL {
    try BaseURL(text, place: "CI_API_V4_URL", example: "https://gitlab.example.com/api/v4")
}

@Suite struct BaseURLTests {
    @Test(arguments: [
        ("https://gitlab.example.com/api/v4", "https://gitlab.example.com/api/v4", 443),
        ("https://gitlab.example.com/api/v4/", "https://gitlab.example.com/api/v4", 443),
        ("https://gitlab.example.com/api/v4///", "https://gitlab.example.com/api/v4", 443),
        ("HTTP://Host:8080/git/api/v4", "http://Host:8080/git/api/v4", 8080),
        ("http://127.0.0.1", "http://127.0.0.1", 80), ("https://x/", "https://x", 443),
        ("http://[::1]:8080/api/v4", "http://[::1]:8080/api/v4", 8080),
        ("https://[2001:db8::1]/api/v4", "https://[2001:db8::1]/api/v4", 443),
    ])
    func accepted(text: String, written: String, port: Int) throws {
        let base = try parsed(text)
        #expect(base.text == written)
        #expect(base.effectivePort == port)
    }

    @Test(arguments: [
        ("", "is empty"), ("gitlab.example.com/api/v4", "does not begin with https://"),
        ("ftp://gitlab.example.com", "neither"), ("https://", "no valid host"),
        ("https:///api/v4", "no valid host"),
        ("https://host:0/", "port"), ("https://host:65536/", "port"), ("https://host:x/", "port"),
        ("https://host:/", "port"), ("https://user:pass@host/api", "user or password"),
        ("https://host/api?private_token=x", "query"), ("https://host/api#x", "fragment"),
        ("https://ho st/api", "blank"), ("https://host/api\n", "blank"), ("https://hôst/api", "character"),
        ("https://[::1/api", "no valid host"), ("https://a_b!c/", "no valid host"),
        ("https://host/a|b", "character"), ("https://host/\"x\"", "character"),
    ])
    func refused(text: String, cause: String) {
        let error = #expect(throws: TransportSetupError.self) { try parsed(text) }
        #expect(error?.place == "CI_API_V4_URL")
        #expect(error?.cause.contains(cause) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("user:pass") == false)
    }
}

@Suite struct ProxyTests {
    /// Environment, base URL, and the proxy as `host:port`; nil: direct.
    @Test(
        arguments: [
            ([:], "https://g.example.com/api/v4", nil),
            (["HTTPS_PROXY": "http://p:3128"], "https://g/", "p:3128"),
            (["https_proxy": "http://p:3128"], "https://g/", "p:3128"),
            (["https_proxy": "http://low:1", "HTTPS_PROXY": "http://up:2"], "https://g/", "low:1"),
            (["https_proxy": "", "HTTPS_PROXY": "http://up:2"], "https://g/", nil),
            (["HTTPS_PROXY": ""], "https://g/", nil), (["HTTP_PROXY": "http://p:1"], "https://g/", nil),
            (["HTTP_PROXY": "http://p:1"], "http://g/", "p:1"), (["http_proxy": "p:1"], "http://g/", "p:1"),
            (["HTTPS_PROXY": "http://p:1"], "http://g/", nil), (["HTTPS_PROXY": "p"], "https://g/", "p:1080"),
            (["HTTPS_PROXY": "http://[::1]:8/"], "https://g/", "::1:8"),
            (["HTTPS_PROXY": "HTTP://user:p%40ss@p:1/"], "https://g/", "p:1"),
            (["HTTPS_PROXY": "http://user:p@ss@p:1"], "https://g/", "p:1"),
            (["HTTP_PROXY": "http://p:1"], "http://127.0.0.1:80/", "p:1"),
            (["HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"], "https://g/", nil),
            (["HTTPS_PROXY": "http://p:1", "no_proxy": "", "NO_PROXY": "*"], "https://g/", "p:1"),
            (["HTTPS_PROXY": "http://p:1", "no_proxy": "g"], "https://g:8443/", nil),
        ] as [([String: String], String, String?)])
    func chosen(environment: [String: String], base: String, expected: String?) throws {
        let proxy = try Proxy(for: parsed(base), environment: environment)
        #expect(proxy.map { "\($0.host):\($0.port)" } == expected)
    }

    @Test func login() throws {
        let base = try parsed("https://g/")
        let both = try #require(
            try Proxy(for: base, environment: ["HTTPS_PROXY": "http://us%3Aer:p%40:ss@p:1"]))
        #expect(both.user?.exposed == "us:er")
        #expect(both.password?.exposed == "p@:ss")
        let user = try #require(try Proxy(for: base, environment: ["HTTPS_PROXY": "http://user@p:1"]))
        #expect(user.user?.exposed == "user")
        #expect(user.password?.exposed == "")
        let none = try #require(try Proxy(for: base, environment: ["HTTPS_PROXY": "http://p:1"]))
        #expect(none.user == nil)
        #expect(!"\(both)".contains("us:er"))
        #expect(!"\(both)".contains("p@:ss"))
    }

    @Test(arguments: [
        "socks5://user:hush@p:1", "https://user:hush@p", "http://user:hush@", "http://user:hush@p:0",
        "http://user:hush@p:x", "://user:hush@p", "http://user:hush@p!:1",
    ])
    func refusedWithoutShowingThePassword(text: String) throws {
        let base = try parsed("https://g/")
        let error = #expect(throws: TransportSetupError.self) {
            try Proxy(for: base, environment: ["HTTPS_PROXY": text])
        }
        #expect(error?.place == "HTTPS_PROXY")
        #expect(error?.description.contains("hush") == false)
    }

    @Test(arguments: [
        ("example.com", "example.com", true), ("example.com", "a.b.example.com", true),
        (".example.com", "example.com", true), (".example.com", "a.example.com", true),
        ("example.com", "notexample.com", false), ("a.example.com", "example.com", false),
        ("EXAMPLE.com", "a.Example.COM", true), ("example.com.", "a.example.com", true),
        ("example.com", "a.example.com.", true), (" a , b ,, c", "b", true), ("a b", "b", true),
        ("", "a", false),
        ("*", "anything", true), ("*.example.com", "a.example.com", false),
        ("example.com:443", "a.example.com", true),
        ("example.com:8443", "a.example.com", false), ("10.0.0.1", "10.0.0.1", true),
        ("0.0.1", "10.0.0.1", false), ("10.0.0.0/8", "10.200.3.4", true), ("10.0.0.0/8", "11.0.0.1", false),
        ("0.0.0.0/0", "8.8.8.8", true), ("10.0.0.1/32", "10.0.0.2", false),
        ("10.0.0.0/33", "10.0.0.1", false),
        ("10.0.0.0/8", "ten.example.com", false), ("::1", "::1", true), ("[::1]", "::1", true),
        ("[::1]:443", "::1", true), ("::2", "::1", false), (".", "a", false), (":443", "a", false),
    ])
    func exceptions(list: String, host: String, isDirect: Bool) {
        #expect(NoProxy(list).contains(host: host, port: 443) == isDirect)
    }
}
