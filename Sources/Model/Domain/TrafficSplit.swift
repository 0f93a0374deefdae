public import Identifiers

/// Who shall get which share of a service's traffic: what a load balancer acts on.
///
/// Production weights of a service that has a deployment sum to 100 percent. During a rolling deployment they say where
/// the service goes; its old tasks serve until they are gone.
extension ServiceRecord {
    /// The share of production traffic of the deployments of `revision`.
    public func productionWeight(of revision: ServiceRevisionID) -> TrafficWeight {
        weight(of: revision) { productionWeight(of: $0) }
    }

    /// The share of test traffic of the deployments of `revision`: nobody's unless a deployment tests its new one.
    public func testWeight(of revision: ServiceRevisionID) -> TrafficWeight {
        weight(of: revision) { testWeight(of: $0) }
    }

    public func productionWeight(of deployment: DeploymentID) -> TrafficWeight {
        guard let primary else { return .none }
        let green = primary.lifecycle?.production ?? .all
        // Without an old revision there is nobody else to serve.
        let blue = primary.lifecycle?.blue.flatMap { blue in deployments.first { $0.id == blue } }
        if deployment == primary.id { return blue == nil ? .all : green }
        return deployment == blue?.id ? green.rest : .none
    }

    public func testWeight(of deployment: DeploymentID) -> TrafficWeight {
        guard let primary, deployment == primary.id else { return .none }
        return primary.lifecycle?.test ?? .none
    }

    private func weight(
        of revision: ServiceRevisionID, _ share: (DeploymentID) -> TrafficWeight
    ) -> TrafficWeight {
        deployments.filter { $0.revision == revision }.reduce(.none) { $0.adding(share($1.id)) }
    }
}
