import JobFiles
import Testing

/// A file that is not ours is read without judging it.
@Suite struct YAMLValueTests {
    @Test func aFileOfAnotherKind() throws {
        let file = try #require(
            YAMLValue.read("---\na: &x [1, 'two', ~]\nb: {c: *x, d: !reference [a, b], e: yes}\n# end\n"))
        #expect(file.keys == ["a", "b"])
        #expect(file["a"] == .list([.text("1"), .text("two"), .null]) && file["b"]?["c"] == file["a"])
        #expect(file["b"]?["e"]?.text == "yes" && file["b"]?["e"]?.items == [.text("yes")])
        #expect(file["no"] == nil && file["a"]?["no"] == nil && file["a"]?.keys == [])
    }

    @Test(arguments: ["a: [", "a: b: c", "\u{0}", "*x", "a: \"", String(repeating: "[", count: 5_000)])
    func whatIsNoYAMLNeverTraps(_ text: String) {
        _ = YAMLValue.read(text)
        _ = YAMLValue.read(String(repeating: text, count: 3))
    }
}
