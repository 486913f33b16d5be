import GitLab
import HTTP
import ScriptedGitLab
import Testing

/// How much of a strange answer reaches an error: little, clean, and never the token.
@Suite struct AnswerWordsTests {
    private func words(_ body: String, hiding secrets: [Secret] = []) async -> String {
        let client = Scripted(400, body).client(hiding: secrets)
        let failure = await failure { () async throws(APIFailure) in
            try await client.createPipeline(project: "1", PipelineOrder(ref: "main"))
        }
        return failure?.message ?? "no failure"
    }

    @Test(arguments: [
        ("two\nlines\tand\r\n more", "two lines and more"),
        ("\u{1B}[31mred\u{1B}[0m \u{1B}[0Ksection_start:1:x\r", "[31mred [0m [0Ksection_start:1:x"),
        (#"{"message":"a\u0000b\u202ec\u2028d"}"#, "a b c d"),
        (#"{"message":{"base":[{"deep":["x"]},null,1,true]}}"#, "deep x; 1; true"),
        (#"{"message":null}"#, "no text in the answer"), (#"{"other":"x"}"#, "other x"),
        ("   ", "no text in the answer"), (#""just text""#, "just text"),
        (#"{"message":"cut"#, #"{"message":"cut"#),
    ])
    func cleaned(body: String, message: String) async {
        #expect(await words(body) == message)
    }

    @Test(arguments: [1, 400, 100_000])
    func bounded(count: Int) async {
        let long = String(repeating: "x", count: count)
        let accents = "e" + String(repeating: "\u{301}", count: count)
        let lists =
            "{\"message\":[\(Array(repeating: "\"y\"", count: min(count, 50_000)).joined(separator: ","))]}"
        for body in [long, "{\"message\":\"\(long)\"}", accents, lists] {
            let message = await words(body)
            #expect(message.count <= 301)
            #expect(message.utf8.count <= 10_000)
        }
    }

    @Test(arguments: [
        "glpat-secret-123", "x glpat-secret-123 y", #"{"message":"token glpat-secret-123"}"#,
        #"{"message":{"glpat-secret-123":["glpat-secret-123glpat-secret-123"]}}"#,
        #"{"message":"\u0067lpat-secret-123"}"#, "<html><title>glpat-secret-123</title></html>",
        "glpat-secret-123\u{301}", #"{"error":"a","error_description":"glpat-secret-123"}"#,
    ])
    func theTokenIsHidden(body: String) async {
        let message = await words(body, hiding: [Secret("glpat-secret-123")])
        // The test compares bytes, because an accent would turn the last character into another one.
        #expect(Array(message.utf8).firstRange(of: Array("secret-123".utf8)) == nil)
        #expect(Array(message.utf8).firstRange(of: Array("[hidden]".utf8)) != nil)
    }

    @Test func theTokenIsHiddenElsewhereToo() async {
        let token = Secret("glpat-secret-123")
        let cases: [Result<HTTPResponse, TransportFailure>] = [
            .failure(.noAnswer("glpat-secret-123")), .failure(.notSent("x glpat-secret-123")),
            .success(HTTPResponse(status: 302, headers: [("Location", "https://e/glpat-secret-123/x")])),
            .success(HTTPResponse(status: 201, body: Array("glpat-secret-123".utf8))),
        ]
        for answer in cases {
            let client = Scripted([answer]).client(hiding: [token])
            let failure = await failure { () async throws(APIFailure) in
                try await client.createPipeline(project: "1", PipelineOrder(ref: "main"))
            }
            #expect(failure != nil)
            #expect(!"\(String(describing: failure))".contains("secret-123"))
        }
    }
}

@Suite struct SecretTests {
    private struct Holder { var token = Secret("glpat-secret-123") }

    @Test func nothingShowsIt() throws {
        let secret = Secret("glpat-secret-123")
        let settings = try HTTPTransport.Settings(
            baseURL: "http://127.0.0.1:1/api/v4", token: secret, version: "1",
            environment: ["CI_PIPELINE_TOKEN": "glpat-secret-123", "HTTP_PROXY": "http://u:secret-123@h:1"])
        let transport = try HTTPTransport(settings)
        var dumped = ""
        dump([secret], to: &dumped)
        dump(Holder(), to: &dumped)
        dump(transport, to: &dumped)
        dump(settings, to: &dumped)
        dump(GitLabClient(transport), to: &dumped)
        let texts = [
            "\(secret)", String(reflecting: secret), String(describing: [secret]), "\(Holder())",
            "\(transport)", String(reflecting: transport), "\(Optional(secret) as Any)", "\(settings)",
            String(reflecting: settings), dumped,
        ]
        for text in texts { #expect(!text.contains("secret-123"), "\(text)") }
        #expect("\(secret)" == "[hidden]")
    }

    @Test(arguments: [
        ("", "abc", "abc"), ("ab", "ab", "ab"),
        ("abc-1234", "xabc-1234abc-1234x", "x[hidden][hidden]x"), ("abc-1234", "abc-123", "abc-123"),
        ("12121212", "1212121212", "[hidden]12"), ("1öü45678", "x1öü45678", "x[hidden]"),
        // A combining accent behind the secret.
        ("abc-1234", "abc-1234\u{301}", "[hidden]\u{301}"), ("tok", "tok\u{301}", "[hidden]\u{301}"),
        // Secrets that are words: prose hides them only as whole words.
        ("tok", "token's user", "token's user"), ("tok", "betok tok2 tok", "betok tok2 [hidden]"),
        ("tok", "private_token=tok&x", "private_token=[hidden]&x"), ("tok", "tok_tok", "[hidden]_[hidden]"),
        ("abc", "abcabc", "abcabc"), ("äöü", "xäöü", "xäöü"), ("password", "passwords", "passwords"),
        ("Password", "a Password.", "a [hidden]."), ("PASSWORD", "PASSWORDS", "PASSWORDS"),
        // Secrets that are no words, although they have only letters: hidden everywhere.
        ("PassWord", "PassWords", "[hidden]s"), ("abcdefghijklmnopqrs", "abcdefghijklmnopqrst", "[hidden]t"),
        ("passwor1", "passwor12", "[hidden]2"),
    ])
    func redaction(secret: String, text: String, expected: String) {
        #expect(Secret(secret).redacted(text) == expected)
    }
}
