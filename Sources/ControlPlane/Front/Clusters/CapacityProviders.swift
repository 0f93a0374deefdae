import AWSWire
import Domain
import ECSShapes

/// Rules for capacity providers and strategies of them.
enum CapacityProviders {
    /// - Throws: `InvalidParameterException` for one that does not exist.
    static func names(_ names: [String]?) throws(APIFault) -> [String] {
        for name in names ?? [] where !AcceptedSettings.capacityProviders.contains(name) {
            throw .invalidParameter(
                "The specified capacity provider '\(name)' was not found. Specify a valid name or ARN and try again.")
        }
        return names ?? []
    }

    /// - Parameter associated: the providers of the cluster.
    /// - Throws: `InvalidParameterException` for a strategy that AWS refuses; `UnsupportedFeatureException` for one that
    ///   splits tasks.
    static func strategy(
        _ items: [ECSShapes.CapacityProviderStrategyItem]?, associated: [String]
    ) throws(APIFault) -> [CapacityProviderItem] {
        let items = (items ?? []).map {
            CapacityProviderItem(provider: $0.capacityProvider ?? "", weight: $0.weight ?? 0, base: $0.base ?? 0)
        }
        if items.isEmpty { return [] }
        _ = try names(items.map(\.provider))
        if items.count > 20 { throw .invalidParameter("A capacity provider strategy can have at most 20 items.") }
        if let missing = items.first(where: { !associated.contains($0.provider) }) {
            throw .invalidParameter(
                "The specified capacity provider strategy cannot contain a capacity provider that is not associated "
                    + "with the cluster ('\(missing.provider)'). Associate the capacity provider with the cluster and "
                    + "try again.")
        }
        if Set(items.map(\.provider)).count != items.count {
            throw .invalidParameter("A capacity provider can be specified only once in a strategy.")
        }
        if items.count(where: { $0.base > 0 }) > 1 {
            throw .invalidParameter("Only one capacity provider in a strategy can have a base.")
        }
        if items.allSatisfy({ $0.weight == 0 }), items.count > 1 || items.allSatisfy({ $0.base == 0 }) {
            throw .invalidParameter("At least one capacity provider must have a weight greater than zero.")
        }
        try refuseSplit(items)
        return items
    }

    /// Refuses several providers: nothing divides tasks by base and weight, and both providers are the same capacity.
    static func refuseSplit(_ items: [CapacityProviderItem]) throws(APIFault) {
        guard items.count > 1 else { return }
        let names = items.map(\.provider).joined(separator: ", ")
        throw .unsupportedFeature(
            "capacityProviderStrategy with several providers (\(names)) is not supported: tasks are not divided by base "
                + "and weight yet. Name one provider.")
    }
}
