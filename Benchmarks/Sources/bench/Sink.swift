@preconcurrency import Dispatch
import Glibc
import Synchronization

/// A stand-in for GitLab that costs as little as possible: it answers each POST with a new pipeline and each GET
/// with an empty list, at once, and notes when the POSTs came.
final class Sink: Sendable {
    let port: Int
    private let listener: Int32
    private let arrivals = Mutex<[Int64]>([])

    init() throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isOpen = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 4_096) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        guard isOpen else { throw Missing(description: "no port on loopback for the sink") }
        port = Int(UInt16(bigEndian: address.sin_port))
        let sink = self
        DispatchQueue(label: "sink").async { sink.serve() }
    }

    /// How many POSTs came since the last `take`.
    var count: Int { arrivals.withLock { $0.count } }

    /// When POSTs came, in microseconds since 1970; forgets them.
    func take() -> [Int64] {
        arrivals.withLock { arrivals in
            defer { arrivals.removeAll() }
            return arrivals
        }
    }

    private func serve() {
        var descriptors = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
        var clients: [Int32: Client] = [:]
        var answers = Answers()
        while true {
            poll(&descriptors, nfds_t(descriptors.count), -1)
            for ready in descriptors.dropFirst() where ready.revents != 0 {
                guard clients[ready.fd]?.read(ready.fd, { answer(&answers, $0) }) != true else { continue }
                clients[ready.fd] = nil
                descriptors.removeAll { $0.fd == ready.fd }
                close(ready.fd)
            }
            guard descriptors[0].revents != 0, let client = accept() else { continue }
            clients[client] = Client()
            descriptors.append(pollfd(fd: client, events: Int16(POLLIN), revents: 0))
        }
    }

    private func accept() -> Int32? {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { return nil }
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }

    /// The answer to a request.
    private func answer(_ answers: inout Answers, _ isPost: Bool) -> [UInt8] {
        guard isPost else { return Answers.emptyList }
        arrivals.withLock { $0.append(wallMicroseconds()) }
        return answers.nextPipeline()
    }
}

/// A connection of somebody who asks.
private final class Client {
    private var bytes = [UInt8](repeating: 0, count: 16_384)
    private var count = 0

    /// Reads what has come and answers the requests in it; false when the connection is over.
    func read(_ descriptor: Int32, _ answer: (_ isPost: Bool) -> [UInt8]) -> Bool {
        let got = bytes.withUnsafeMutableBytes { bytes in
            Glibc.read(descriptor, bytes.baseAddress.map { $0 + count }, bytes.count - count)
        }
        guard got > 0 else { return false }
        count += got
        var start = 0
        while let end = endOfRequest(from: start) {
            let text = answer(bytes[start] == UInt8(ascii: "P"))
            _ = text.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            start = end
        }
        bytes.replaceSubrange(0..<count - start, with: bytes[start..<count])
        count -= start
        return count < bytes.count
    }

    /// Where the request ends that begins at `start`; nil while it is not all here.
    private func endOfRequest(from start: Int) -> Int? {
        var line = start
        var length = 0
        while let end = bytes[line..<count].firstIndex(of: UInt8(ascii: "\n")) {
            if end - line <= 1 { return end + 1 + length <= count ? end + 1 + length : nil }
            length = Self.contentLength(bytes[line..<end]) ?? length
            line = end + 1
        }
        return nil
    }

    private static func contentLength(_ line: ArraySlice<UInt8>) -> Int? {
        let name = "content-length:".utf8
        guard line.count > name.count, zip(line, name).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) else {
            return nil
        }
        let digits = line.dropFirst(name.count).filter { (0x30...0x39).contains($0) }
        return Int(String(decoding: digits, as: UTF8.self))
    }
}

/// Answers that are ready but for the pipeline's number.
private struct Answers {
    static let emptyList = Array(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]".utf8)
    private static let digits = 10

    private var pipeline: [UInt8]
    private let places: [Int]
    private var number = 1_000_000_000

    init() {
        let body = """
            {"id":##########,"iid":1,"project_id":1,"status":"created","ref":"main","source":"api",\
            "web_url":"http://127.0.0.1/group/project/-/pipelines/##########"}
            """
        let head =
            "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)"
        let text = Array("\(head)\r\n\r\n\(body)".utf8)
        let marks = text.indices.filter { text[$0] == UInt8(ascii: "#") }
        places = stride(from: 0, to: marks.count, by: Self.digits).map { marks[$0] }
        pipeline = text
    }

    mutating func nextPipeline() -> [UInt8] {
        number += 1
        for place in places {
            pipeline.replaceSubrange(place..<place + Self.digits, with: String(number).utf8)
        }
        return pipeline
    }
}

/// The wall clock.
func wallMicroseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
}
