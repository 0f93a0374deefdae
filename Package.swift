// swift-tools-version: 6.2
import PackageDescription

// The rooms of ARCHITECTURE.md. An import only ever goes down this file; `scripts/check-layers` proves it.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// A library target in its room.
func room(_ name: String, in folder: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(folder)/\(name)", swiftSettings: settings)
}

/// The test target of one library target. `data` are folders that tests read beside their own source.
func tests(_ name: String, _ dependencies: [Target.Dependency] = [], data: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies,
        path: "Tests/\(name)Tests", exclude: data, swiftSettings: settings)
}

extension Target.Dependency {
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let asyncHTTPClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let deque = product(name: "DequeModule", package: "swift-collections")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let grpcCore = product(name: "GRPCCore", package: "grpc-swift-2")
    static let grpcPosix = product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport")
    static let grpcProtobuf = product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
    static let hashTrees = product(name: "HashTreeCollections", package: "swift-collections")
    static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
    static let hummingbirdTLS = product(name: "HummingbirdTLS", package: "hummingbird")
    static let lifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let logging = product(name: "Logging", package: "swift-log")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let nioSSL = product(name: "NIOSSL", package: "swift-nio-ssl")
    static let nioWebSocket = product(name: "NIOWebSocket", package: "swift-nio")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let protobuf = product(name: "SwiftProtobuf", package: "swift-protobuf")
}

let model: [Target] = [
    room("Identifiers", in: "Model"),
    room("Domain", in: "Model", ["Identifiers"]),
    room("JSONBytes", in: "Model"),
    room("ShapeRules", in: "Model", ["JSONBytes"]),
    room("ECSShapes", in: "Model", ["JSONBytes", "ShapeRules"]),
    room("EventsShapes", in: "Model", ["JSONBytes", "ShapeRules"]),
    room("ELBShapes", in: "Model", ["JSONBytes", "ShapeRules"]),
    room("CloudWatchShapes", in: "Model", ["JSONBytes", "ShapeRules"]),
    room("ACMShapes", in: "Model", ["JSONBytes", "ShapeRules"]),
    room("LogsShapes", in: "Model", ["JSONBytes", "ShapeRules"]),
    room("ScalingShapes", in: "Model", ["JSONBytes", "ShapeRules"]),
]

let decisions: [Target] = [
    room("Validation", in: "Decisions", ["Identifiers", "Domain", "ECSShapes", "JSONBytes"]),
    room("TaskLifecycle", in: "Decisions", ["Identifiers", "Domain"]),
    room("Placement", in: "Decisions", ["Identifiers", "Domain"]),
    room("Metering", in: "Decisions", ["Identifiers", "Domain"]),
    room("MetricMath", in: "Decisions", ["Identifiers", "Domain"]),
    room("Alarms", in: "Decisions", ["Identifiers", "Domain", "JSONBytes", "MetricMath"]),
    room("Daemons", in: "Decisions", ["Identifiers", "Domain", "Placement", "Deployments"]),
    room("Deployments", in: "Decisions", ["Identifiers", "Domain"]),
    room("Events", in: "Decisions", ["Identifiers", "Domain"]),
    room("EventRules", in: "Decisions", ["Identifiers", "Domain", "JSONBytes"]),
    room("LogFilters", in: "Decisions", ["JSONBytes", "EventRules"]),
    room("LoadBalancing", in: "Decisions", ["Identifiers", "Domain", "ELBShapes"]),
    room("Telemetry", in: "Decisions", ["Identifiers", "Domain", "TaskLifecycle"]),
    room("Scaling", in: "Decisions", ["Identifiers", "Domain", "EventRules"]),
]

let wire: [Target] = [
    // zlib is the system's; swift-nio-extras, which async-http-client brings, links the same.
    .target(name: "CInflate", path: "Sources/Wire/CInflate", linkerSettings: [.linkedLibrary("z")]),
    room("AWSWire", in: "Wire", ["JSONBytes", "ShapeRules", "CInflate", .crypto]),
    room("AgentWire", in: "Wire", ["Identifiers", "Domain", "JSONBytes"]),
]

let state: [Target] = [
    room(
        "StateStore", in: "State",
        ["Identifiers", "Domain", "Metering", "Placement", "TaskLifecycle", .hashTrees, .deque]),
    room("MetricStore", in: "State", ["Identifiers", "Domain"]),
    room("MetricStoreSQLite", in: "State", ["Identifiers", "Domain", "MetricStore", .grdb]),
    room("LogStore", in: "State", ["Identifiers", "Domain"]),
    room("LogStoreSQLite", in: "State", ["Identifiers", "Domain", "LogStore", .grdb, .logging]),
    room("StateStoreSQLite", in: "State", ["Identifiers", "Domain", "JSONBytes", "StateStore", .deque, .grdb]),
]

let ports: [Target] = [
    room("TaskRuntime", in: "Ports", ["Domain"]),
    room("TaskNetwork", in: "Ports", ["Domain"]),
    room("Balancer", in: "Ports"),
]

let drivers: [Target] = [
    .target(name: "CLinux", path: "Sources/Drivers/CLinux"),
    room(
        "ContainerdRuntime", in: "Drivers",
        [
            "TaskRuntime", "Domain", "CLinux", .crypto, .grpcCore, .grpcPosix, .grpcProtobuf, .protobuf, .nioCore,
            .logging,
        ]),
    // Static: it also runs inside containers, as their first process when a task definition asks for one.
    .executableTarget(
        name: "berth-logger", path: "Sources/Drivers/Logger",
        linkerSettings: [.unsafeFlags(["-static-executable", "-nostartfiles"])]),
    room("HAProxyBalancer", in: "Drivers", ["Balancer", "CLinux", .logging]),
    room("CNINetwork", in: "Drivers", ["TaskNetwork", "Balancer", "Domain", "CLinux", .logging]),
    room("TaskResolver", in: "Drivers"),
]

let controlPlane: [Target] = [
    room(
        "Controllers", in: "ControlPlane",
        [
            "Identifiers", "Domain", "JSONBytes", "StateStore", "MetricStore", "LogStore", "TaskLifecycle", "Placement",
            "Deployments", "Daemons", "Metering", "EventRules", "LoadBalancing", "Telemetry", "MetricMath", "Alarms",
            "Scaling", "Balancer", "AWSWire", .lifecycle, .logging,
        ]),
    room(
        "AgentGateway", in: "ControlPlane",
        [
            "Identifiers", "Domain", "StateStore", "MetricStore", "TaskLifecycle", "LoadBalancing", "AgentWire",
            "JSONBytes", .lifecycle, .logging,
        ]),
    room(
        "Front", in: "ControlPlane",
        [
            "Identifiers", "Domain", "StateStore", "MetricStore", "LogStore", "Validation", "TaskLifecycle",
            "Placement", "Deployments", "Metering", "Events", "EventRules", "LogFilters", "LoadBalancing", "MetricMath",
            "Alarms", "Scaling", "AWSWire", "AgentWire", "ACMShapes", "CloudWatchShapes", "ECSShapes", "ELBShapes",
            "EventsShapes", "LogsShapes", "ScalingShapes",
            "ShapeRules",
            "JSONBytes",
            "AgentGateway", .crypto,
            .hummingbird,
            .hummingbirdCore, .hummingbirdTLS, .httpTypes, .nioCore, .nioHTTP1, .nioPosix, .nioSSL, .nioWebSocket,
            .lifecycle, .logging,
        ]),
]

let node: [Target] = [
    room(
        "NodeAgent", in: "Node",
        [
            "Identifiers", "Domain", "AgentWire", "AWSWire", "JSONBytes", "TaskRuntime", "TaskNetwork",
            .asyncHTTPClient, .nioCore, .nioHTTP1, .nioPosix, .nioSSL, .nioWebSocket, .lifecycle, .logging,
        ])
]

let executables: [Target] = [
    .executableTarget(
        name: "berth",
        dependencies: [
            "Identifiers", "Domain", "StateStore", "StateStoreSQLite", "MetricStore", "MetricStoreSQLite", "LogStore",
            "LogStoreSQLite", "TaskRuntime", "TaskNetwork", "ContainerdRuntime", "CNINetwork", "TaskResolver",
            "HAProxyBalancer", "LoadBalancing", "Balancer", "CLinux", "Controllers", "AgentGateway", "Front",
            "NodeAgent",
            "AWSWire", "JSONBytes",
            "Metering", "Placement", "EventRules", "MetricMath", "Scaling", "ScalingShapes",
            .argumentParser, .asyncHTTPClient, .crypto, .lifecycle, .logging, .nioCore, .nioHTTP1, .nioPosix, .nioSSL,
            .unixSignals,
        ],
        path: "Sources/berth", swiftSettings: settings,
        linkerSettings: [
            // Symbols that nobody asks for by name make the linker keep, and the loader read, code that nothing calls.
            .unsafeFlags(["-use-ld=lld", "-Xlinker", "--no-export-dynamic"], .when(configuration: .release))
        ])
]

let testing: [Target] = [
    room(
        "TestKit", in: "Testing",
        ["Identifiers", "Domain", "JSONBytes", "StateStore", "TaskRuntime", "TaskNetwork"]),
    room(
        "Conformance", in: "Testing",
        ["Identifiers", "Domain", "Metering", "StateStore", "MetricStore", "TaskRuntime", "TaskNetwork", "TestKit"]),
    .executableTarget(
        name: "store-writer", dependencies: ["Identifiers", "Domain", "StateStore", "StateStoreSQLite"],
        path: "Sources/Testing/StoreWriter", swiftSettings: settings),
    room("APIModel", in: "Testing", ["JSONBytes"]),
    // The whole system in one thread: it alone of its room knows the control plane and the node.
    room(
        "Simulation", in: "Testing",
        [
            "Identifiers", "Domain", "JSONBytes", "AWSWire", "AgentWire", "StateStore", "LogStore", "TaskLifecycle",
            "Placement", "Deployments", "EventRules", "TaskRuntime", "TaskNetwork", "Controllers", "AgentGateway",
            "Front",
            "NodeAgent", "TestKit",
            .deque, .logging,
        ]),
]

/// Programs of the workshop: they drive the product's parts and are no part of it.
let tools: [Target] = [
    room(
        "FrontFuzz", in: "Tools",
        [
            "Identifiers", "Domain", "JSONBytes", "AWSWire", "StateStore", "LogStoreSQLite", "AgentGateway", "Front",
            "TestKit", "APIModel", .logging,
        ]),
    .executableTarget(
        name: "front-fuzz", dependencies: ["FrontFuzz", .argumentParser], path: "Sources/Tools/front-fuzz",
        swiftSettings: settings),
    .executableTarget(
        name: "scheduler-bench",
        dependencies: [
            "Identifiers", "Domain", "Placement", "StateStore", "StateStoreSQLite", "Controllers", .argumentParser,
        ],
        path: "Sources/Tools/scheduler-bench", swiftSettings: settings),
    .executableTarget(
        name: "metrics-bench",
        dependencies: [
            "Identifiers", "Domain", "AgentWire", "StateStore", "MetricStore", "MetricStoreSQLite", "AgentGateway",
            "Controllers", .argumentParser, .logging,
        ],
        path: "Sources/Tools/metrics-bench", swiftSettings: settings),
    .executableTarget(
        name: "simulate", dependencies: ["Simulation", .argumentParser, .logging], path: "Sources/Tools/simulate",
        swiftSettings: settings),
]

let testTargets: [Target] = [
    tests("Identifiers"),
    tests("Domain", ["TestKit"]),
    tests("JSONBytes"),
    tests("ECSShapes", ["JSONBytes", "ShapeRules", "TestKit"]),
    tests("EventsShapes", ["JSONBytes", "TestKit"]),
    tests("ACMShapes", ["JSONBytes", "TestKit"]),
    tests("LogsShapes", ["JSONBytes", "TestKit"]),
    tests("ELBShapes", ["JSONBytes", "TestKit"]),
    tests("ScalingShapes", ["JSONBytes", "TestKit"]),
    tests("CloudWatchShapes", ["JSONBytes", "TestKit"]),
    tests(
        "AWSWire", ["JSONBytes", "ELBShapes", "CloudWatchShapes", "ShapeRules"], data: ["Query/Golden", "CBOR/Golden"]),
    tests("AgentWire", ["Identifiers", "Domain", "JSONBytes"], data: ["Recording"]),
    tests("Validation", ["Identifiers", "Domain", "ECSShapes", "JSONBytes"]),
    tests("TaskLifecycle", ["Identifiers", "Domain", "TestKit"]),
    tests("Placement", ["Identifiers", "Domain", "TestKit"]),
    tests("Daemons", ["Identifiers", "Domain", "Placement", "TestKit"]),
    tests("MetricMath", ["Identifiers", "Domain"]),
    tests("Alarms", ["Identifiers", "Domain", "JSONBytes", "MetricMath"]),
    tests("Metering", ["Identifiers", "Domain", "TaskLifecycle", "TestKit"]),
    tests("Deployments", ["Identifiers", "Domain", "TestKit"]),
    tests("EventRules", ["Identifiers", "Domain", "JSONBytes", "TestKit"]),
    tests("Scaling", ["Identifiers", "Domain", "TestKit"]),
    tests("LoadBalancing", ["Identifiers", "Domain", "ELBShapes", "JSONBytes", "TestKit"]),
    tests("LogFilters"),
    tests("Events", ["Identifiers", "Domain", "Deployments", "Placement", "TestKit"]),
    tests("Telemetry", ["Identifiers", "Domain", "TestKit"]),
    tests("TestKit"),
    tests("Simulation", ["simulate"]),
    tests("StateStore", ["Identifiers", "Domain", "TestKit", "Conformance"]),
    tests("MetricStoreSQLite", ["Identifiers", "Domain", "MetricStore", "Conformance", .grdb]),
    tests("MetricStore", ["Identifiers", "Domain", "Conformance", "TestKit"]),
    tests(
        "StateStoreSQLite", ["Identifiers", "Domain", "StateStore", "TestKit", "Conformance", "store-writer", .grdb]),
    tests("LogStoreSQLite", ["Identifiers", "Domain", "LogStore", .grdb, .logging]),
    tests("ContainerdRuntime", ["TaskRuntime", "Domain", "Conformance", "berth-logger", .logging, .protobuf]),
    tests("HAProxyBalancer", ["Balancer", .logging], data: ["backend.py", "load.py"]),
    tests("TaskResolver"),
    tests("CNINetwork", ["TaskNetwork", "Domain", "CLinux", "Conformance", .logging]),
    tests(
        "Controllers",
        [
            "Identifiers", "Domain", "JSONBytes", "StateStore", "MetricStore", "TaskLifecycle", "Placement",
            "EventRules", "LoadBalancing", "Balancer", "Telemetry", "Alarms", "MetricMath", "Scaling", "TestKit",
            .lifecycle, .logging,
        ]),
    tests(
        "AgentGateway",
        [
            "Identifiers", "Domain", "StateStore", "MetricStore", "LoadBalancing", "AgentWire", "JSONBytes", "TestKit",
        ]),
    tests(
        "Front",
        [
            "Identifiers", "Domain", "StateStore", "MetricStore", "LogStore", "LogStoreSQLite", "MetricMath", "Scaling",
            "AWSWire", "AgentGateway", "ACMShapes", "CloudWatchShapes", "ECSShapes", "ELBShapes", "EventsShapes",
            "LogsShapes", "ScalingShapes",
            "ShapeRules",
            "JSONBytes", "TestKit",
            "FrontFuzz", "APIModel", "Validation", "EventRules", "LoadBalancing", .lifecycle, .logging, .nioCore,
            .nioHTTP1, .nioPosix,
            .nioWebSocket,
        ], data: ["Golden"]),
    tests(
        "NodeAgent",
        [
            "Identifiers", "Domain", "AgentWire", "JSONBytes", "TaskRuntime", "TaskNetwork", "TestKit", "Conformance",
            .nioCore, .nioHTTP1, .nioPosix, .nioSSL, .nioWebSocket, .logging,
        ]),
]

let package = Package(
    name: "berth",
    products: [.executable(name: "berth", targets: ["berth"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: model + decisions + wire + state + ports + drivers + controlPlane + node + executables + testing + tools
        + testTargets
)
