public import Identifiers

/// Ids from the system's random number generator, for servers.
public struct SystemIDSource: IDSource {
    public init() {}

    public func bits() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}

/// Gives the random numbers of an id source to what asks for a generator.
struct IDSourceGenerator: RandomNumberGenerator {
    let ids: any IDSource

    mutating func next() -> UInt64 { ids.bits() }
}
