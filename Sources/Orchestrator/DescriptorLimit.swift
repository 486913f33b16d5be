import Glibc

/// How many files and connections the system lets this process have open. The event libraries end the process when they
/// cannot open what they need, so the configuration checks the limit before they start.
enum DescriptorLimit {
    /// The event loops open three descriptors for each core. The rest is for Dispatch, the ledger, the log, the job
    /// files and a few connections. When the process can open no more connections, it tries those requests again.
    static func least(cores: Int) -> Int { 3 * cores + 40 }

    /// What is wrong with the limit of this process; nil if it is high enough.
    static var problem: String? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return problem(
            limit: UInt64(limit.rlim_cur), cores: max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
    }

    static func problem(limit: UInt64, cores: Int) -> String? {
        let least = least(cores: cores)
        guard limit < UInt64(least) else { return nil }
        return
            "the limit of open files is \(limit), and orchestrate needs at least \(least): raise it, for instance to 1024, "
            + "with `ulimit -n 1024`, `docker run --ulimit nofile=1024` or LimitNOFILE=1024 of systemd"
    }
}
