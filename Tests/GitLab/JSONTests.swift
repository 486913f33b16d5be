import CivilTime
import Foundation
import HTTP
import ScriptedGitLab
import TestSupport
import Testing
import Text

@testable import GitLab

/// The JSON reader and writer, with tables and with random values.
@Suite struct JSONTests {
    private func read(_ text: String) -> JSON? { try? JSONReader.read(Array(text.utf8)) }

    @Test(
        arguments: [
            ("null", .null), (" true ", .boolean(true)), ("false", .boolean(false)), ("0", .number("0")),
            ("-1.10", .number("-1.10")), ("1e+5", .number("1e+5")), ("\"\"", .text("")),
            (#""a\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00""#, .text("a\"\\/\u{8}\u{C}\n\r\té😀")),
            (#""\ud83dx\ude00\ud83d\ud83d\ude00""#, .text("\u{FFFD}x\u{FFFD}\u{FFFD}😀")),
            ("[]", .array([])), ("[1,[],\"x\"]", .array([.number("1"), .array([]), .text("x")])),
            ("{ }", .object([])),
            (
                "\t{\"a\" : {\"b\":[null]} ,\r\n\"a\":2}",
                .object([
                    .init(name: "a", value: .object([.init(name: "b", value: .array([.null]))])),
                    .init(name: "a", value: .number("2")),
                ])
            ),
        ] as [(String, JSON)])
    func accepted(text: String, value: JSON) {
        #expect(read(text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "nullx", "tru", "01", "+1", ".5", "1.", "1e", "-", "0x1F", "1 2", "[", "[1", "[1,]",
        "[,1]", "[1 2]", "{", "{}}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:2}", "\"", "\"\\",
        "\"\\x\"",
        "\"\\u12\"", "\"\\u12g4\"", "\"\\ud83d\\u12\"", "<html>", "NaN", "'a'", "--1", "1e5.5", "\u{FEFF}1",
    ])
    func refused(text: String) {
        #expect(read(text) == nil)
    }

    @Test func bounds() {
        let nested = { (depth: Int) in
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(read(nested(64)) != nil)
        #expect(read(nested(70)) == nil)
        #expect(read(nested(100_000)) == nil)
        #expect(read(String(repeating: "{\"a\":", count: 100_000)) == nil)
        #expect(read("[" + String(repeating: "0,", count: 100_001) + "0]") == nil)
    }

    /// The reader does not build members that nobody asked for, but they still have to be JSON.
    @Test func keeping() throws {
        let text = #"{"id":1,"user":{"id":[2,"\u00e9"],"name":null},"name":"n","list":[{"id":3,"x":true}]}"#
        let kept = try JSONReader.read(Array(text.utf8), keeping: ["id", "name", "list"])
        let list = JSON.array([.object([.init(name: "id", value: .number("3"))])])
        #expect(
            kept
                == .object([
                    .init(name: "id", value: .number("1")), .init(name: "name", value: .text("n")),
                    .init(name: "list", value: list),
                ]))
        for bad in [#"{"x":01}"#, #"{"x":"\q"}"#, #"{"x":[}"#, #"{"x":{"y"}}"#, #"{"x":nul}"#] {
            #expect(throws: JSONReader.Failure.self) {
                try JSONReader.read(Array(bad.utf8), keeping: ["id"])
            }
        }
    }

    @Test func bytesThatAreNoText() throws {
        #expect(try JSONReader.read([0x22, 0xFF, 0x41, 0x22]) == .text("\u{FFFD}A"))
        #expect(throws: JSONReader.Failure.self) { try JSONReader.read([0xFF, 0xFE]) }
    }

    @Test func whereItWentWrong() {
        let failure = #expect(throws: JSONReader.Failure.self) { try JSONReader.read(Array("[1,x]".utf8)) }
        #expect(failure?.description == "no JSON value at byte 3")
    }

    /// The reader gives back what the writer wrote, for random values.
    @Test(arguments: Seeds.first(3))
    func roundTrip(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        for _ in 0..<300 {
            let value = random.json(depth: 4)
            var writer = JSONWriter(.compact)
            writer.write(value)
            #expect(try JSONReader.read(writer.bytes) == value, "seed \(seed)")
        }
    }

    /// Every call turns a damaged answer into a value or an error, whatever the damage.
    @Test(arguments: Seeds.first(3))
    func damagedAnswers(seed: UInt64) async {
        var random = SplitMix(seed: seed)
        let statuses = [200, 201, 204, 302, 400, 401, 403, 404, 409, 429, 500, 503]
        for _ in 0..<400 {
            var writer = JSONWriter(.compact)
            writer.write(random.json(depth: 5))
            let body = random.damaged(writer.bytes)
            let names = ["Date", "Link", "X-Next-Page", "Retry-After", "Location"]
            let headers = names.map { (name: $0, value: random.text()) }
            let status = statuses[Int(random.next() % UInt64(statuses.count))]
            let answer = HTTPResponse(status: status, headers: headers, body: body)
            let client = Scripted([.success(answer), .success(answer)]).client(hiding: [Secret("abc")])
            let failure = await failure { () async throws(APIFailure) in
                try await client.createPipeline(project: "1", PipelineOrder(ref: "main"))
            }
            if status >= 300 { #expect(failure?.status == status, "seed \(seed)") }
            #expect(failure.map { $0.message.count <= 301 } ?? true, "seed \(seed)")
            _ = try? await client.pipelines(
                project: "1", PipelineQuery(createdAfter: Instant(seconds: 0), maximumPages: 3))
        }
    }
}

extension SplitMix {
    mutating func text() -> String {
        let pieces = [
            "a", "7", " ", "\"", "\\", "\n", "\u{0}", "é", "😀", "<", ">; rel=\"next\"", "?page=", "2", "%4",
            "%zz",
            "&", "=", ",", "Thu, 15 Jan 2026 03:01:00 GMT", "base", "message", "id", "status", "abc", "-",
        ]
        return (0..<Int(next() % 8)).map { _ in pieces[Int(next() % UInt64(pieces.count))] }.joined()
    }

    mutating func json(depth: Int) -> JSON {
        switch next() % (depth > 0 ? 8 : 5) {
        case 0: .null
        case 1: .boolean(next() % 2 == 0)
        case 2: .number(["0", "-1", "70001", "1.10", "1e400", "9223372036854775808"][Int(next() % 6)])
        case 3, 4: .text(text())
        case 5: .array((0..<Int(next() % 5)).map { _ in json(depth: depth - 1) })
        default:
            .object(
                (0..<Int(next() % 5)).map { _ in
                    JSON.Member(name: text(), value: json(depth: depth - 1))
                })
        }
    }

    mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int(next() % 4) where !bytes.isEmpty {
            let place = Int(next() % UInt64(bytes.count))
            switch next() % 3 {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: next())
            case 1: bytes.removeSubrange(place...)
            default: bytes.insert(UInt8(truncatingIfNeeded: next()), at: place)
            }
        }
        return bytes
    }
}

extension JSONWriter {
    mutating func write(_ value: JSON) {
        switch value {
        case .null: raw("null")
        case .boolean(let boolean): raw(boolean ? "true" : "false")
        case .number(let spelling): raw(spelling)
        case .text(let text): string(text)
        case .array(let elements): array(elements) { $0.write($1) }
        case .object(let members):
            object { writer in
                for member in members {
                    writer.name(member.name)
                    writer.write(member.value)
                }
            }
        }
    }
}
