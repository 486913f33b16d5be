import GitLab

extension Facts {
    func gitlabChecks(_ site: SiteFacts) -> [Check] {
        site.version.map { [gitlabCheck($0, site)] } ?? []
    }

    private func gitlabCheck(_ version: Told<String>, _ site: SiteFacts) -> Check {
        switch version {
        case .success(let version):
            guard let (major, minor) = Self.numbers(version) else {
                return .unknown(
                    .gitlab, site.url, "orchestrate does not understand its version, “\(version)”")
            }
            let needsInputs = marking == .inputs || jobs.contains { !$0.inputs.isEmpty }
            if needsInputs, (major, minor) < (17, 10) {
                return .failure(
                    .gitlab, site.url, "GitLab \(version) knows no pipeline inputs, which the jobs need",
                    fix: "update GitLab to 17.10 or newer, or use `variables` and ORCHESTRATE_MARK=variables")
            }
            guard (major, minor) >= (16, 9) else {
                return .warning(
                    .gitlab, site.url,
                    "GitLab \(version) finds no pipeline by its name: the scheduler takes long to find runs",
                    fix: "update GitLab to 16.9 or newer")
            }
            return .ok(.gitlab, site.url, "GitLab \(version)")
        case .failure(let failure) where failure.isUnanswered:
            return .failure(
                .gitlab, site.url, "cannot be reached: \(failure.message)",
                fix:
                    "check CI_API_V4_URL, HTTPS_PROXY and CI_SERVER_TLS_CA_FILE; to see more: curl -I \(site.url)/metadata"
            )
        case .failure(let failure) where failure.status == 401:
            return .ok(.gitlab, site.url, "it answers; it tells its version only to a good token")
        case .failure(let failure):
            return .unseen(.gitlab, site.url, failure, who: "an administrator knows the version (Help)")
        }
    }

    private static func numbers(_ version: String) -> (Int, Int)? {
        let numbers = version.split { !("0"..."9").contains($0) }.prefix(2).compactMap { Int($0) }
        return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
    }

    /// GitLab's `Date` has whole seconds: of several answers the one that is nearest counts.
    func clockChecks(_ site: SiteFacts) -> [Check] {
        guard !site.isSilent else { return [] }
        guard let ahead = site.clockAhead.min(by: { $0.size < $1.size }) else {
            return [.unknown(.clock, nil, "GitLab's answers have no date: compare `date -u` with a watch")]
        }
        let words =
            "this machine's clock is \(ahead.size.rough) \(ahead < .zero ? "behind" : "ahead of") GitLab's"
        let fix = "set the clock by NTP, on this machine or on GitLab's: timedatectl set-ntp true"
        if ahead.size > .seconds(30) { return [.failure(.clock, nil, words, fix: fix)] }
        if ahead.size > .seconds(2) { return [.warning(.clock, nil, words, fix: fix)] }
        return [.ok(.clock, nil, "agrees with GitLab's within 2 s")]
    }
}

extension Duration {
    fileprivate var size: Duration { self < .zero ? .zero - self : self }
}
