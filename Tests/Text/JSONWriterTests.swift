import Testing
import Text

@Suite struct JSONWriterTests {
    private func text(_ layout: JSONWriter.Layout, _ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter(layout)
        write(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func sample(_ writer: inout JSONWriter) {
        writer.object {
            $0.member("a", "x")
            $0.member("b", nil)
            $0.name("list")
            $0.array([1, 2]) { $0.raw(String($1)) }
            $0.name("none")
            $0.array([Int]()) { $0.raw(String($1)) }
            $0.name("empty")
            $0.object { _ in }
            $0.name("last")
            $0.array(["y"]) { writer, text in writer.object { $0.member("c", text) } }
        }
    }

    @Test func compact() {
        #expect(text(.compact, sample) == #"{"a":"x","list":[1,2],"none":[],"empty":{},"last":[{"c":"y"}]}"#)
    }

    @Test func indented() {
        let expected = """
            {
              "a": "x",
              "list": [
                1,
                2
              ],
              "none": [],
              "empty": {},
              "last": [
                {
                  "c": "y"
                }
              ]
            }
            """
        #expect(text(.indented, sample) == expected)
    }

    @Test(arguments: [
        ("plain", "plain"), ("ä€🙂Â", "ä€🙂Â"), ("\"\\/", #"\"\\/"#),
        ("\n\r\t\u{8}\u{1F}\u{0}", #"\n\r\t\u0008\u001f\u0000"#),
    ])
    func strings(plain: String, escaped: String) {
        #expect(text(.compact) { $0.string(plain) } == "\"\(escaped)\"")
        #expect(text(.indented) { $0.string(plain) } == "\"\(escaped)\"")
    }

    /// The quote forces the writer to escape, so that it does not copy any of these strings unchanged.
    @Test func onlyPeopleNeedMore() {
        let plain = "\u{7F}\u{80}\u{9F}\u{A0}\u{2027}\u{2028}\u{2029}\u{202A}"
        #expect(text(.compact) { $0.string(plain + "\"") } == "\"\(plain)\\\"\"")
        #expect(
            text(.indented) { $0.string(plain + "\"") }
                == "\"\\u007f\\u0080\\u009f\u{A0}\u{2027}\\u2028\\u2029\u{202A}\\\"\"")
    }
}
