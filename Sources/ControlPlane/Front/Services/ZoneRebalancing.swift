import AWSWire
import Domain

extension ServiceRecord {
    /// The setting as the API says it.
    var zoneRebalancing: String { availabilityZoneRebalancing ? "ENABLED" : "DISABLED" }

    /// Whether the service asks for zone rebalancing: as the request says, else wherever it is possible.
    ///
    /// - Parameter request: `ENABLED`, `DISABLED` or nil.
    /// - Returns: nil when the request says nothing and it is not possible.
    /// - Throws: `InvalidParameterException` when it is asked for and not possible.
    func rebalances(_ request: String?) throws(APIFault) -> Bool? {
        if request == "DISABLED" { return false }
        guard let obstacle = rebalancingObstacle else { return true }
        guard request == nil else {
            throw .invalidParameter("availabilityZoneRebalancing cannot be ENABLED for \(obstacle).")
        }
        return nil
    }

    /// - Source: Amazon ECS Developer Guide, "Balancing an Amazon ECS service across Availability Zones"
    private var rebalancingObstacle: String? {
        if schedulingStrategy == .daemon { return "a service with the DAEMON scheduling strategy" }
        // Who scales task sets decides where tasks are.
        if controller == .external { return "a service with the EXTERNAL deployment controller" }
        if launchType == .external { return "the EXTERNAL launch type" }
        if configuration.maximumPercent <= 100 { return "a service whose maximumPercent is 100" }
        if let first = placementStrategy.first, first != .spread("attribute:ecs.availability-zone") {
            return "a service whose first placement strategy is not a spread over attribute:ecs.availability-zone"
        }
        let namesZone = placementConstraints.contains { constraint in
            if case .memberOf(let expression) = constraint {
                expression.contains("ecs.availability-zone")
            } else {
                false
            }
        }
        return namesZone ? "a service with a placement constraint on ecs.availability-zone" : nil
    }
}
