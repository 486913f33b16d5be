import CMalloc
import Glibc

/// How much address space the system lets this process have (`ulimit -v`). When a thread finds no room for its stack,
/// some libraries wait without end and others end the process. So the check comes before there are threads.
public enum AddressSpaceLimit {
    /// In MiB: room for the program, and for the threads of each core.
    static func least(cores: Int) -> Int { 128 + 32 * cores }

    /// Call it while the process has one thread. Throws if the limit is too low.
    public static func heed() throws(ConfigurationError) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur != .max else {
            return
        }
        // With an arena for each thread, malloc would reserve most of the address space and use hardly any of it.
        mallopt(M_ARENA_MAX, 1)
        let cores = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        guard let problem = problem(limit: UInt64(limit.rlim_cur), cores: cores) else { return }
        throw ConfigurationError([problem])
    }

    static func problem(limit: UInt64, cores: Int) -> String? {
        let (megabytes, least) = (limit >> 20, least(cores: cores))
        guard megabytes < least else { return nil }
        return
            "the address space is limited to \(megabytes) MiB, and orchestrate needs at least \(least) MiB: raise the limit with "
            + "`ulimit -v \(least << 10)`, or limit the memory by a control group (`docker run --memory`) instead"
    }
}
