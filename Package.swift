// swift-tools-version:6.2
import PackageDescription

/// A folder with only the static archives of sqlite3, yaml, z and stdc++. `make release` sets it, so that the release
/// binary needs only libc and libm. The package must not use pkg-config then: its -L would put the shared libraries
/// first.
let staticLibs = Context.environment["ORCHESTRATE_STATIC_LIBS"]
let staticLink: [LinkerSetting] =
    staticLibs.map {
        [.unsafeFlags(["-L\($0)", "-Xclang-linker", "-static-libgcc", "-Xlinker", "--no-export-dynamic"])]
    } ?? []

/// With ORCHESTRATE_OPTIMISED=1 the compiler optimizes our modules in debug builds, because the tests walk through
/// centuries and simulate years. The Makefile sets it for the tests, which have their own build folder: each change
/// of it compiles the whole package again. Without it a debugger sees every variable.
let optimised: [SwiftSetting] =
    Context.environment["ORCHESTRATE_OPTIMISED"] == "1" ? [.unsafeFlags(["-O"])] : []

let ours: [SwiftSetting] =
    [.enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault")] + optimised

let package = Package(
    name: "orchestrate",
    products: [
        .executable(name: "orchestrate", targets: ["orchestrate"]),
        // For Benchmarks/, a package of its own.
        .library(
            name: "OrchestrateModules",
            targets: [
                "Text", "CivilTime", "Cron", "Scheduling", "JobFiles", "Ledger", "GitLab", "Orchestrator",
            ]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    ],
    targets: [
        .systemLibrary(
            name: "CSQLite", pkgConfig: staticLibs == nil ? "sqlite3" : nil,
            providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(
            name: "CYAML", pkgConfig: staticLibs == nil ? "yaml-0.1" : nil,
            providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CFileSystem"),

        .target(name: "Text", swiftSettings: ours),
        .target(name: "CivilTime", dependencies: ["Text"], swiftSettings: ours),
        .target(name: "Cron", dependencies: ["CivilTime", "Text"], swiftSettings: ours),
        .target(
            name: "Scheduling",
            dependencies: [
                "Cron", "CivilTime", "Text", .product(name: "DequeModule", package: "swift-collections"),
            ], swiftSettings: ours),
        .target(
            name: "JobFiles", dependencies: ["Scheduling", "Cron", "CivilTime", "Text", "CYAML"],
            swiftSettings: ours),
        .target(
            name: "Ledger",
            dependencies: [
                "Scheduling", "CivilTime", "Text", "CSQLite", "CFileSystem",
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: ours),
        .target(
            name: "HTTP",
            dependencies: [
                "Text", .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], swiftSettings: ours),
        .target(name: "GitLab", dependencies: ["HTTP", "CivilTime", "Text"], swiftSettings: ours),
        .target(
            name: "Notices", dependencies: ["Scheduling", "HTTP", "CivilTime", "Text"], swiftSettings: ours),
        .target(
            name: "Doctor",
            dependencies: ["GitLab", "JobFiles", "Scheduling", "Cron", "CivilTime", "Text"],
            swiftSettings: ours),
        .target(
            name: "Orchestrator",
            dependencies: [
                "Notices", "Doctor", "Cron", "JobFiles", "Ledger", "GitLab", "HTTP", "Scheduling",
                "CivilTime", "Text",
                "CMalloc",
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: ours),
        .executableTarget(
            name: "orchestrate",
            dependencies: [
                "Orchestrator", "Doctor", "JobFiles", "Ledger", "Scheduling", "Cron", "CivilTime", "Text",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: ours, linkerSettings: staticLink),

        // Shared by several test targets: random numbers from a seed, a queue of events by time, and the C library's
        // view of the zones.
        .target(
            name: "TestSupport",
            dependencies: ["CivilTime", .product(name: "HeapModule", package: "swift-collections")],
            path: "Tests/Support", swiftSettings: ours),

        // GitLab without a socket, from a script or simulated, for the tests of the code that sends requests.
        .target(
            name: "ScriptedGitLab", dependencies: ["FakeGitLab", "GitLab", "HTTP"], path: "Tests/Scripted",
            swiftSettings: ours),

        // The simulated GitLab: a model in virtual time, a server on loopback, an executable for `make run`.
        .target(
            name: "FakeGitLab",
            dependencies: [
                "TestSupport", "CivilTime",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], path: "Tests/FakeGitLab/Library", swiftSettings: ours),
        .executableTarget(
            name: "fake-gitlab",
            dependencies: [
                "FakeGitLab", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Tests/FakeGitLab/Executable", swiftSettings: ours),

        .testTarget(name: "TextTests", dependencies: ["Text"], path: "Tests/Text"),
        .testTarget(
            name: "CivilTimeTests", dependencies: ["CivilTime", "Cron", "TestSupport"],
            path: "Tests/CivilTime", swiftSettings: optimised),
        .testTarget(
            name: "CronTests", dependencies: ["Cron", "CivilTime", "TestSupport"], path: "Tests/Cron",
            swiftSettings: optimised),
        .testTarget(
            name: "SchedulingTests", dependencies: ["Scheduling", "Cron", "CivilTime", "TestSupport"],
            path: "Tests/Scheduling", swiftSettings: optimised),
        .testTarget(
            name: "JobFilesTests",
            dependencies: ["JobFiles", "Scheduling", "Cron", "CivilTime", "Text", "TestSupport"],
            path: "Tests/JobFiles", swiftSettings: optimised),
        .testTarget(
            name: "LedgerTests",
            dependencies: ["Ledger", "Scheduling", "CivilTime", "CSQLite", "TestSupport"],
            path: "Tests/Ledger", swiftSettings: optimised),
        .testTarget(
            name: "GitLabTests",
            dependencies: [
                "GitLab", "HTTP", "FakeGitLab", "ScriptedGitLab", "CivilTime", "Text", "TestSupport",
            ], path: "Tests/GitLab"),
        .testTarget(
            name: "HTTPTests",
            dependencies: [
                "HTTP", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], path: "Tests/HTTP"),
        .testTarget(
            name: "NoticesTests",
            dependencies: [
                "Notices", "HTTP", "Scheduling", "CivilTime", "Text",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], path: "Tests/Notices", exclude: ["Golden"]),
        .testTarget(
            name: "OrchestratorTests",
            dependencies: [
                "Orchestrator", "ScriptedGitLab", "TestSupport", "Cron", "CivilTime", "Scheduling", "Ledger",
                "GitLab", "HTTP", "JobFiles", "CSQLite",
            ],
            path: "Tests/Orchestrator"),
        .testTarget(
            name: "DoctorTests",
            dependencies: [
                "Doctor", "Orchestrator", "FakeGitLab", "CivilTime", "Scheduling", "JobFiles", "Ledger",
                "GitLab",
                "HTTP",
            ], path: "Tests/Doctor"),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Orchestrator", "FakeGitLab", "ScriptedGitLab", "TestSupport", "Cron", "CivilTime",
                "Scheduling", "Ledger", "GitLab", "HTTP", "CSQLite",
            ],
            path: "Tests/Simulation", swiftSettings: optimised),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "orchestrate", "Orchestrator", "FakeGitLab", "ScriptedGitLab", "GitLab", "HTTP", "JobFiles",
                "Cron", "CivilTime", "Scheduling", "Ledger", "TestSupport",
            ],
            path: "Tests/Command", exclude: ["Golden"]),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "orchestrate", "FakeGitLab", "GitLab", "HTTP",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], path: "Tests/Integration"),
    ],
    swiftLanguageModes: [.v6]
)
