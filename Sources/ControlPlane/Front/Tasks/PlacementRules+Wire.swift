import AWSWire
import Domain
import ECSShapes
import Placement

/// The constraints and strategies of a request, checked.
struct PlacementRules: Hashable, Sendable {
    var constraints: [PlacementConstraint] = []
    var strategy: [PlacementStrategy] = []

    /// - Parameter definition: whose own constraints count towards the limit of 10.
    /// - Throws: `InvalidParameterException`; on managed capacity for any constraint or strategy.
    init(
        _ constraints: [ECSShapes.PlacementConstraint]?, _ strategy: [ECSShapes.PlacementStrategy]?,
        definition: TaskDefinition, on type: LaunchType
    ) throws(APIFault) {
        let constraints = constraints ?? []
        let strategy = strategy ?? []
        if type.isManaged, !constraints.isEmpty || !strategy.isEmpty {
            throw .invalidParameter(
                "Placement constraints and strategies are not supported with the FARGATE launch type.")
        }
        if constraints.count + definition.placementConstraints.count > 10 {
            throw .invalidParameter(
                "At most 10 placement constraints are allowed, those of the task definition included.")
        }
        if strategy.count > 5 { throw .invalidParameter("At most 5 placement strategies are allowed.") }
        for constraint in constraints { self.constraints.append(try Self.constraint(constraint)) }
        for item in strategy { self.strategy.append(try Self.strategy(item)) }
    }

    private static func constraint(_ shape: ECSShapes.PlacementConstraint) throws(APIFault) -> PlacementConstraint {
        switch shape.type {
        case "distinctInstance":
            if shape.expression?.isEmpty == false {
                throw .invalidParameter("A distinctInstance constraint takes no expression.")
            }
            return .distinctInstance
        case "memberOf":
            let expression = shape.expression ?? ""
            _ = try query(expression)
            return .memberOf(expression)
        default: throw .invalidParameter("Placement constraint type is invalid.")
        }
    }

    /// - Throws: `InvalidParameterException` with what is wrong in the expression.
    static func query(_ expression: String) throws(APIFault) -> ClusterQuery {
        do throws(ClusterQueryError) {
            return try ClusterQuery(expression)
        } catch {
            throw .invalidParameter("Invalid expression '\(expression.prefix(200))': \(error.message)")
        }
    }

    private static func strategy(_ shape: ECSShapes.PlacementStrategy) throws(APIFault) -> PlacementStrategy {
        let field = shape.field ?? ""
        switch shape.type {
        case "random":
            if !field.isEmpty { throw .invalidParameter("A random placement strategy takes no field.") }
            return .random
        case "binpack":
            guard let resource = PlacementStrategy.Resource(rawValue: field.lowercased()) else {
                throw .invalidParameter("The field of a binpack placement strategy must be cpu or memory.")
            }
            return .binpack(resource)
        case "spread":
            if ["instanceId", "host"].contains(field) || (field.hasPrefix("attribute:") && field.count > 10) {
                return .spread(field)
            }
            throw .invalidParameter(
                "The field of a spread placement strategy must be instanceId, host or attribute:NAME.")
        default: throw .invalidParameter("Placement strategy type is invalid.")
        }
    }
}

extension ECSShapes.PlacementConstraint {
    init(_ constraint: PlacementConstraint) {
        switch constraint {
        case .distinctInstance: self.init(type: "distinctInstance")
        case .memberOf(let expression): self.init(type: "memberOf", expression: expression)
        }
    }
}

extension ECSShapes.PlacementStrategy {
    init(_ strategy: PlacementStrategy) {
        switch strategy {
        case .random: self.init(type: "random")
        case .spread(let field): self.init(type: "spread", field: field)
        case .binpack(let resource): self.init(type: "binpack", field: resource.rawValue.uppercased())
        }
    }
}
