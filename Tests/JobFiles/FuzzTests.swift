import TestSupport
import Testing

@testable import JobFiles

/// For any bytes, reading ends, and every problem is printable.
@Suite(.timeLimit(.minutes(10))) struct FuzzTests {
    /// To replay, put the seed from the message here.
    private static let seed: UInt64? = nil

    private static let seeds = [
        """
        # comment
        scheduler: '*/10 * * * * '
        pipeline_name: "example \\x41 job"
        variables:
            TEST: 'it''s'
            OTHER: |
              text
        ---
        schedule: "@every 1h30m"
        pipeline_name: other
        timezone: Europe/Berlin
        variables: [{key: A, value: &v 08, variable_type: file}]
        inputs: {a: [1, true, ~], b: *v, 'c': "\\u00e9"}
        num_retries: 2
        overlap: queue
        notify: {failed: [ops, Chat], late: {after: 15m, to: ops}, after_failures: 2, repeat: 24h}
        ping: hc
        """,
        "a: &a [x, y]\nb: &b [*a, *a, *a]\nc: {? [k] : v, <<: *b, d: !!int 1}\n",
        "%YAML 1.1\n---\n- - ? >-\n      folded\n    : \"\\\n  x\"\n...\n--- !t\n{a: 'ü\u{2028}', b: @}\n",
    ].map { Array($0.utf8) }

    private static let pieces: [[UInt8]] = [
        "\n", "\t", "  ", "- ", ": ", "'", "\"", "&a ", "*a", "!!", "|\n", "[", "]", "{", "}", ",", "\\", "#",
        "---\n", "\r",
        "scheduler: ", "variables: ", "\u{FEFF}", "\u{85}", "\u{2028}", "\0", "🚀", "%", "@", "~", "? ", "://",
        "notify: ", "hc-ping.com/",
    ].map { Array($0.utf8) }

    @Test func randomBytes() {
        forAWhile { random in
            (0..<Int.random(in: 0..<200, using: &random)).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            }
        }
    }

    @Test func randomPieces() {
        forAWhile { random in
            (0..<Int.random(in: 0..<60, using: &random)).flatMap { _ in
                Self.pieces.randomElement(using: &random) ?? []
            }
        }
    }

    @Test func mutatedFiles() {
        forAWhile { random in
            var bytes = Self.seeds.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                Self.mutate(&bytes, using: &random)
            }
            return bytes
        }
    }

    @Test func everyBeginningOfAFile() {
        for bytes in Self.seeds {
            for end in bytes.indices {
                check(Array(bytes[..<end]), "the first \(end) bytes")
            }
        }
    }

    private static func mutate(_ bytes: inout [UInt8], using random: inout SplitMix) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let length = min(Int.random(in: 1...8, using: &random), bytes.count - place)
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where place < bytes.count: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        case 1: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: place)
        case 2: bytes.removeSubrange(place..<place + length)
        default:
            bytes.insert(
                contentsOf: Array(bytes[place..<place + length]),
                at: Int.random(in: 0...bytes.count, using: &random))
        }
    }

    /// Checks random files for a quarter of a second.
    private func forAWhile(_ make: (inout SplitMix) -> [UInt8]) {
        let seed = Self.seed ?? UInt64.random(in: .min ... .max)
        var random = SplitMix(seed: seed)
        let clock = ContinuousClock()
        let end = clock.now + .milliseconds(250)
        var count = 0
        repeat {
            count += 1
            check(make(&random), "seed \(seed), file \(count)")
        } while clock.now < end
    }

    private func check(_ bytes: [UInt8], _ origin: String) {
        let file = Reading.files.read(bytes, file: "job.yml")
        let lines = bytes.count { $0 == 0x0A || $0 == 0x0D || $0 == 0x85 || $0 == 0xA8 || $0 == 0xA9 } + 1
        for problem in file.findings.problems {
            let position = problem.place.position ?? Position(line: 1, column: 1)
            let isInside =
                (1...lines + 1).contains(position.line) && (1...bytes.count + 2).contains(position.column)
            #expect(isInside, "\(origin): \(problem) of \(bytes)")
            #expect(!problem.description.isEmpty)
        }
        let hook = HookURL.start(in: bytes[...])
        #expect(hook.map(bytes.indices.contains) ?? true, "\(origin): \(bytes)")
        // A file without a problem has at least one job, and all its documents are jobs.
        let isWhole = file.declarations.allSatisfy { $0.job != nil } && !file.declarations.isEmpty
        #expect(isWhole || !file.findings.problems.isEmpty, "\(origin): \(bytes)")
    }
}
