import Glibc

/// How much more one piece of work costs than another, in processor time of this thread. Other load on the machine
/// changes it little, and the minimum of several rounds changes even less. So a bound that only a mistake exceeds,
/// tenfold, is stable.
public func cost(rounds: Int = 7, of work: () throws -> Void, over other: () throws -> Void) rethrows
    -> Double
{
    var least = (work: Double.infinity, other: Double.infinity)
    for _ in 0..<rounds {
        least.work = min(least.work, try processorSeconds(work))
        least.other = min(least.other, try processorSeconds(other))
    }
    return least.work / max(least.other, 1e-9)
}

private func processorSeconds(_ work: () throws -> Void) rethrows -> Double {
    let start = threadSeconds()
    try work()
    return threadSeconds() - start
}

private func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
