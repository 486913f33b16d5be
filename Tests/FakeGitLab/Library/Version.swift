extension FakeSettings {
    /// Whether the simulated GitLab is of this version or a later one. A version that is no version is the latest.
    func isAtLeast(_ major: Int, _ minor: Int) -> Bool {
        let parts = version.split(separator: ".").prefix(2).compactMap { Int($0) }
        return parts.count < 2 || (parts[0], parts[1]) >= (major, minor)
    }
}
