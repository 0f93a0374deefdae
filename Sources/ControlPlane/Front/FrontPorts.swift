public import Domain
public import Identifiers
public import StateStore
public import TaskLifecycle

/// What the front reaches beyond itself: state, presence, time, ids and randomness.
public struct FrontPorts: Sendable {
    public var store: any StateStore
    public var presence: HostPresence
    public var ids: any IDSource
    /// The wall clock.
    public var now: @Sendable () -> Timestamp
    /// That many bytes nobody can guess.
    public var randomBytes: @Sendable (Int) -> [UInt8]

    public init(
        store: any StateStore, presence: HostPresence, ids: any IDSource, now: @escaping @Sendable () -> Timestamp,
        randomBytes: @escaping @Sendable (Int) -> [UInt8] = systemRandomBytes
    ) {
        self.store = store
        self.presence = presence
        self.ids = ids
        self.now = now
        self.randomBytes = randomBytes
    }
}

/// Bytes of the system's generator, which is fit for keys.
public func systemRandomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<max(0, count)).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
}
