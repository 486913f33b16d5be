extension FakeSettings {
    /// Whether the simulated GitLab has this version or a later one. An unreadable version counts as the latest.
    func isAtLeast(_ major: Int, _ minor: Int) -> Bool {
        let parts = version.split(separator: ".").prefix(2).compactMap { Int($0) }
        return parts.count < 2 || (parts[0], parts[1]) >= (major, minor)
    }
}
