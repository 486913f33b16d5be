import Glibc

/// The sink's side of a connection.
final class SinkClient {
    private static let size = 16_384

    private let descriptor: Int32
    /// One byte more than `read` ever fills, so that the content always ends with a zero.
    private let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: size + 1)
    /// The bytes that were read and not handed out yet.
    private var start = 0
    private var end = 0

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
        bytes.deallocate()
    }

    /// Reads new bytes. Returns false when the connection is over, or when a request is longer than the buffer.
    func read() -> Bool {
        memmove(bytes, bytes + start, end - start)
        end -= start
        start = 0
        let got = Glibc.read(descriptor, bytes + end, Self.size - end)
        guard got > 0 else { return false }
        end += got
        bytes[end] = 0
        return true
    }

    /// Takes out the next complete request. Returns its first letter.
    func nextRequest() -> UInt8? {
        let request = bytes + start
        guard let head = strstr(request, "\r\n\r\n") else { return nil }
        let next = head - bytes + 4 + Self.contentLength(from: request, to: head)
        guard next <= end else { return nil }
        start = next
        return UInt8(bitPattern: request[0])
    }

    private static func contentLength(
        from request: UnsafeMutablePointer<CChar>, to end: UnsafeMutablePointer<CChar>
    ) -> Int {
        var line = request
        while line < end, let next = strchr(line, Int32(UInt8(ascii: "\n"))) {
            if strncasecmp(line, "content-length:", 15) == 0 { return atol(line + 15) }
            line = next + 1
        }
        return 0
    }

    func write(_ answer: [UInt8]) {
        _ = answer.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }
}

/// Answers that are complete except for the pipeline's number.
struct SinkAnswers {
    static let emptyList = Array(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]".utf8)

    /// A new pipeline. Its number always has ten digits.
    private(set) var pipeline: [UInt8]
    /// The positions of the number's last digits.
    private let ends: [Int]

    init() {
        let body = """
            {"id":1000000000,"iid":1,"project_id":1,"status":"created","ref":"main","source":"api",\
            "web_url":"http://127.0.0.1/group/project/-/pipelines/1000000000"}
            """
        let head =
            "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)"
        let text = Array("\(head)\r\n\r\n\(body)".utf8)
        let number = Array("1000000000".utf8)
        pipeline = text
        ends = text.indices.filter {
            $0 + 1 >= number.count && text[...$0].suffix(number.count) == number[...]
        }
    }

    /// Adds one to the number as a person does: from the last digit on.
    mutating func countPipeline() {
        for end in ends {
            var digit = end
            while pipeline[digit] == UInt8(ascii: "9") {
                pipeline[digit] = UInt8(ascii: "0")
                digit -= 1
            }
            pipeline[digit] += 1
        }
    }
}
