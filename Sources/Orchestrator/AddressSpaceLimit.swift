import CMalloc
import Glibc

/// How much address space the system lets this process have (`ulimit -v`). Where a thread finds no room for its stack,
/// libraries wait for it without end or end the process, so the limit is looked at before there are threads.
public enum AddressSpaceLimit {
    /// In MiB: the room for the program, and for the threads of each core.
    static func least(cores: Int) -> Int { 128 + 32 * cores }

    /// Call it while the process has one thread. Throws where the limit is too low.
    public static func heed() throws(ConfigurationError) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur != .max else {
            return
        }
        // With an arena for each thread, malloc would take most of the space and use hardly any of it.
        mallopt(M_ARENA_MAX, 1)
        let cores = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        guard let problem = problem(limit: UInt64(limit.rlim_cur), cores: cores) else { return }
        throw ConfigurationError([problem])
    }

    static func problem(limit: UInt64, cores: Int) -> String? {
        let (megabytes, least) = (limit >> 20, least(cores: cores))
        guard megabytes < least else { return nil }
        return
            "the address space is limited to \(megabytes) MiB, and at least \(least) MiB are needed: raise the limit with "
            + "`ulimit -v \(least << 10)`, or limit the memory by a control group (`docker run --memory`) instead"
    }
}
