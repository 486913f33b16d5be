// swift-tools-version:6.2
import PackageDescription

// A package of its own, so that the product does not depend on any of this.
let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(name: "orchestrate", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []),
    ],
    targets: [
        .systemLibrary(name: "CEpoll"),
        .target(
            name: "Workloads", dependencies: [.product(name: "OrchestrateModules", package: "orchestrate")]),
        .executableTarget(
            name: "bench",
            dependencies: [
                "CEpoll", "Workloads",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ]),
        .executableTarget(name: "hello"),
        .executableTarget(
            name: "Micro",
            dependencies: ["Workloads", .product(name: "Benchmark", package: "benchmark")],
            path: "Benchmarks/Micro",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ],
    swiftLanguageModes: [.v6]
)
