import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Rules for the providers that a cluster may use, and for strategies of them.
enum CapacityStrategy {
    /// Most providers of a cluster, and most items of a strategy. ECS's own limit.
    static let limit = 20

    /// The short names of providers that a request names by name or ARN.
    ///
    /// - Throws: `InvalidParameterException` for one that does not exist, is named twice, or is one too many.
    static func names(_ references: [String]?, in state: StateSnapshot, _ scope: Scope) throws(APIFault) -> [String] {
        let references = references ?? []
        guard references.count <= limit else {
            throw .invalidParameter("The maximum number of capacity providers per cluster has been exceeded.")
        }
        var names: [String] = []
        for reference in references {
            let name = try name(reference, in: state, scope)
            guard !names.contains(name) else {
                throw .invalidParameter("The capacity provider '\(name)' is specified more than once.")
            }
            names.append(name)
        }
        return names
    }

    private static func name(_ reference: String, in state: StateSnapshot, _ scope: Scope) throws(APIFault) -> String {
        if let id = CapacityProviderID(reference: reference, scope) {
            if FargateProvider(rawValue: id.name) != nil { return id.name }
            if state.capacityProviders[id]?.status == .active { return id.name }
        }
        throw .invalidParameter(
            "The specified capacity provider '\(reference.prefix(300))' was not found. Specify a valid name or ARN and "
                + "try again.")
    }

    /// The strategy of a request, with its providers by their short names.
    ///
    /// - Parameter associated: the providers of the cluster; those exist, for they cannot be deleted.
    /// - Throws: `InvalidParameterException` for a strategy that AWS refuses.
    static func checked(
        _ items: [ECSShapes.CapacityProviderStrategyItem]?, associated: [String], _ scope: Scope
    ) throws(APIFault) -> [CapacityProviderItem] {
        let checked = (items ?? []).map { item in
            let reference = item.capacityProvider ?? ""
            return CapacityProviderItem(
                provider: CapacityProviderID(reference: reference, scope)?.name ?? reference, weight: item.weight ?? 0,
                base: item.base ?? 0)
        }
        if checked.isEmpty { return [] }
        try check(checked)
        try checkAssociated(checked, associated)
        return checked
    }

    /// - Throws: `InvalidParameterException` for a provider that the cluster does not have.
    static func checkAssociated(_ items: [CapacityProviderItem], _ associated: [String]) throws(APIFault) {
        guard items.allSatisfy({ associated.contains($0.provider) }) else {
            throw .invalidParameter(
                "The specified capacity provider strategy cannot contain a capacity provider that is not associated "
                    + "with the cluster. Associate the capacity provider with the cluster and try again.")
        }
    }

    private static func check(_ items: [CapacityProviderItem]) throws(APIFault) {
        if items.count > limit {
            throw .invalidParameter("A capacity provider strategy can have at most \(limit) items.")
        }
        let fargate = items.count { FargateProvider(rawValue: $0.provider) != nil }
        if fargate != 0, fargate != items.count {
            throw .invalidParameter(
                "A capacity provider strategy cannot contain a mix of capacity providers using Auto Scaling groups and "
                    + "Fargate providers. Specify one or the other and try again.")
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
    }
}

extension CapacityProviderID {
    /// The provider that a request names by short name or ARN; nil when the ARN is another kind's or another scope's.
    init?(reference: String, _ scope: Scope) {
        guard reference.hasPrefix("arn:") else {
            guard !reference.isEmpty else { return nil }
            self.init(scope: scope, name: reference)
            return
        }
        guard let arn = ARN(reference), arn.type == "capacity-provider", arn.path.count == 1, arn.scope == scope else {
            return nil
        }
        self.init(scope: scope, name: arn.path[0])
    }
}

extension [CapacityProviderItem] {
    /// On what kind of capacity the tasks of a strategy run: its providers are all of one kind.
    var launchType: LaunchType { first.flatMap { FargateProvider(rawValue: $0.provider) } == nil ? .ec2 : .fargate }
}
