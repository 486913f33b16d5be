import CEpoll
@preconcurrency import Dispatch
import Glibc
import Synchronization

/// Replaces GitLab at as little cost as a program in C. It answers at once, each POST with a new pipeline and each GET
/// with an empty list, and notes when the POSTs came. Of a request it reads only the method and the length.
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
        arrivals.withLock { $0.reserveCapacity(200_000) }
        let sink = self
        DispatchQueue(label: "sink").async { sink.serve() }
    }

    /// How many POSTs came since the last `take`.
    var count: Int { arrivals.withLock { $0.count } }

    /// When the POSTs came, in microseconds since 1970. Forgets them.
    func take() -> [Int64] {
        arrivals.withLock { arrivals in
            defer { arrivals.removeAll(keepingCapacity: true) }
            return arrivals
        }
    }

    private func serve() {
        let queue = epoll_create1(0)
        var ready = [epoll_event](repeating: epoll_event(), count: 256)
        // The index is the descriptor.
        var clients: [SinkClient?] = []
        var answers = SinkAnswers()
        watch(listener, queue)
        while true {
            let count = epoll_wait(queue, &ready, Int32(ready.count), -1)
            for event in ready.prefix(Int(max(0, count))) {
                let descriptor = event.data.fd
                if descriptor == listener {
                    admit(queue, &clients)
                } else if let client = clients[Int(descriptor)], !serve(client, &answers) {
                    clients[Int(descriptor)] = nil
                }
            }
        }
    }

    private func admit(_ queue: Int32, _ clients: inout [SinkClient?]) {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { return }
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        while clients.count <= Int(descriptor) { clients.append(nil) }
        clients[Int(descriptor)] = SinkClient(descriptor)
        watch(descriptor, queue)
    }

    private func watch(_ descriptor: Int32, _ queue: Int32) {
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data(fd: descriptor))
        epoll_ctl(queue, EPOLL_CTL_ADD, descriptor, &event)
    }

    /// Reads new bytes and answers the requests in them. Returns false when the connection is over.
    private func serve(_ client: SinkClient, _ answers: inout SinkAnswers) -> Bool {
        guard client.read() else { return false }
        while let method = client.nextRequest() {
            guard method == UInt8(ascii: "P") else {
                client.write(SinkAnswers.emptyList)
                continue
            }
            arrivals.withLock { $0.append(wallMicroseconds()) }
            answers.countPipeline()
            client.write(answers.pipeline)
        }
        return true
    }
}

/// The wall clock, in microseconds since 1970.
func wallMicroseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
}
