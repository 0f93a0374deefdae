public import StateStore
public import Testing

/// What every `StateStore` promises, as named checks. A store's tests run each of them on fresh stores.
public struct StateStoreCheck: Sendable, CustomTestStringConvertible {
    /// Makes an empty store with these limits.
    public typealias Factory = @Sendable (StoreLimits) async throws -> any StateStore

    public let testDescription: String
    private let body: @Sendable (Factory) async throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (Factory) async throws -> Void) {
        testDescription = name
        self.body = body
    }

    public func run(on factory: Factory) async throws { try await body(factory) }
}

/// The conformance suite of `StateStore`.
public enum StateStoreSuite {
    public static let checks = commits + conflicts + watches + history + concurrency + snapshots + usage
}
