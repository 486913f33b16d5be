/// The version of this orchestrate, as `--version` and the `User-Agent` show it.
public let version = "0.1.0"
