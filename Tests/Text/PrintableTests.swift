import Testing
import Text

@Suite struct PrintableTests {
    @Test(arguments: [
        ("plain ~", "plain ~"), ("ä 日本 🙂", "ä 日本 🙂"), ("a\nb\tc\r", "a b c "), ("\u{1B}[31mred", " [31mred"),
        ("a\u{7F}\u{85}b", "a  b"), ("a\u{202E}b\u{200B}c", "a b c"), ("a\u{2028}\u{2029}b", "a  b"),
        ("\u{E000}\u{378}", "  "), ("a\u{A0}b", "a\u{A0}b"), ("", ""),
    ])
    func inOneLine(text: String, shown: String) {
        #expect(text.printable() == shown)
        #expect(text.unicodeScalars.allSatisfy(\.isPrintable) == (text == shown))
    }

    @Test func theReplacementIsTheCallersAndLinesStay() {
        #expect("a\u{1B}b".printable(replacement: "\u{FFFD}") == "a\u{FFFD}b")
        #expect("a\u{1B}b\n\nc\u{7}\n".printableLines == "a b\n\nc \n")
        #expect("a b".isPlain && !"ä".isPlain && !"a\n".isPlain && !"\u{7F}".isPlain)
    }
}

@Suite struct ASCIITests {
    @Test func classesOfAllBytes() {
        let all = UInt8.min...UInt8.max
        let text = { (bytes: [UInt8]) in String(decoding: bytes, as: UTF8.self) }
        #expect(text(all.filter(\.isDigit)) == "0123456789")
        #expect(text(all.filter(\.isLetter)) == "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        #expect(text(all.filter { $0.lowercased != $0 }) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        #expect(text(all.filter { $0.hexadecimalValue != nil }) == "0123456789ABCDEFabcdef")
        for (value, digit) in "0123456789abcdef".utf8.enumerated() {
            #expect(digit.hexadecimalValue == UInt8(value))
        }
        #expect("ABCDEF".utf8.map(\.hexadecimalValue) == [10, 11, 12, 13, 14, 15])
    }

    @Test func texts() {
        #expect("Retry-After".equalsIgnoringCase("rETRY-aFTER"))
        #expect(!"a".equalsIgnoringCase("ab") && !"ä".equalsIgnoringCase("Ä") && !"[".equalsIgnoringCase("{"))
        #expect("012".isDigits && !"".isDigits && !"1a".isDigits && !"１".isDigits)
        let parts = "a://b://c".cut(at: "://")
        #expect(parts?.before == "a" && parts?.after == "b://c")
        #expect("ab".cut(at: ":") == nil)
    }
}
