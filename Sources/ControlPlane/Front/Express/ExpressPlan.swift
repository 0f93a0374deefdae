import AWSWire
import Domain
import ECSShapes
import Identifiers
import JSONBytes
import LoadBalancing
import StateStore
import Validation

/// What the tasks of an Express service are made of, as requests say it; an update changes what it names.
struct ExpressPlan: Sendable {
    /// As ECS names it.
    static let containerName = "Main"

    private var registration = ECSShapes.RegisterTaskDefinitionRequest()

    init(_ request: ECSShapes.CreateExpressGatewayServiceRequest, _ scope: Scope) {
        registration.executionRoleArn = request.executionRoleArn
        registration.taskRoleArn = request.taskRoleArn
        registration.networkMode = "awsvpc"
        registration.requiresCompatibilities = ["FARGATE"]
        registration.cpu = request.cpu ?? "256"
        registration.memory = request.memory ?? "512"
        var main = ECSShapes.ContainerDefinition()
        main.name = Self.containerName
        main.essential = true
        main.apply(request.primaryContainer ?? ECSShapes.ExpressGatewayContainer(), scope)
        registration.containerDefinitions = [main]
    }

    /// What the service has, whoever registered it, with what the request changes. What an Express service may say of its
    /// container is replaced as a whole; the rest stays.
    ///
    /// - Throws: `ServerException` for a stored definition that cannot be read as a request.
    init(
        _ record: TaskDefinitionRecord, changedBy request: ECSShapes.UpdateExpressGatewayServiceRequest, _ scope: Scope
    ) throws(APIFault) {
        do throws(JSONError) {
            // The members of both have the same names.
            registration = try ECSShapes.RegisterTaskDefinitionRequest(
                jsonBytes: ECSShapes.TaskDefinition(record).jsonBytes())
        } catch {
            throw .server()
        }
        registration.executionRoleArn = request.executionRoleArn ?? registration.executionRoleArn
        registration.taskRoleArn = request.taskRoleArn ?? registration.taskRoleArn
        registration.cpu = request.cpu ?? registration.cpu
        registration.memory = request.memory ?? registration.memory
        guard let container = request.primaryContainer else { return }
        var containers = registration.containerDefinitions ?? []
        let index = containers.firstIndex { $0.name == Self.containerName } ?? containers.startIndex
        guard containers.indices.contains(index) else { return }
        containers[index].apply(container, scope)
        registration.containerDefinitions = containers
    }

    /// The definition, checked like any other.
    func definition(family: String) throws(APIFault) -> TaskDefinition {
        var registration = registration
        registration.family = family
        do throws(ValidationFault) {
            return try TaskDefinition(validating: registration)
        } catch {
            throw APIFault(error)
        }
    }
}

extension ECSShapes.ContainerDefinition {
    /// Takes over everything that Express requests say of a container; what they leave out goes.
    fileprivate mutating func apply(_ container: ECSShapes.ExpressGatewayContainer, _ scope: Scope) {
        image = container.image
        portMappings = [ECSShapes.PortMapping(containerPort: container.containerPort ?? 80, protocol: "tcp")]
        command = container.command
        environment = container.environment
        secrets = container.secrets
        repositoryCredentials = container.repositoryCredentials.map {
            ECSShapes.RepositoryCredentials(credentialsParameter: $0.credentialsParameter)
        }
        logConfiguration = container.awsLogsConfiguration.map { logs in
            ECSShapes.LogConfiguration(
                logDriver: "awslogs",
                options: [
                    "awslogs-group": logs.logGroup ?? "", "awslogs-stream-prefix": logs.logStreamPrefix ?? "",
                    "awslogs-region": scope.region,
                ])
        }
    }
}

extension ECSShapes.ExpressGatewayContainer {
    /// The container that a definition runs, as Express requests write it.
    init(_ definition: TaskDefinition) {
        self.init()
        let main = definition.containers.first { $0.name == ExpressPlan.containerName } ?? definition.containers.first
        guard let main else { return }
        let shape = ECSShapes.ContainerDefinition(main)
        image = shape.image
        containerPort = shape.portMappings?.first?.containerPort
        command = shape.command
        environment = shape.environment?.nonEmpty
        secrets = shape.secrets?.nonEmpty
        repositoryCredentials = shape.repositoryCredentials.map {
            ECSShapes.ExpressGatewayRepositoryCredentials(credentialsParameter: $0.credentialsParameter)
        }
        if let options = shape.logConfiguration?.options, let group = options["awslogs-group"] {
            awsLogsConfiguration = ECSShapes.ExpressGatewayServiceAwsLogsConfiguration(
                logGroup: group, logStreamPrefix: options["awslogs-stream-prefix"])
        }
    }
}

extension ExpressSettings {
    /// Takes over what a request says.
    ///
    /// - Throws: `InvalidParameterException` for a path or numbers that mean nothing.
    mutating func apply(
        healthCheckPath path: String?, _ scaling: ECSShapes.ExpressGatewayScalingTarget?
    ) throws(APIFault) {
        if let path {
            guard path.hasPrefix("/") else {
                throw .invalidParameter("healthCheckPath must start with a forward slash, got '\(path.prefix(300))'.")
            }
            healthCheckPath = path
            do throws(BalancingFault) { _ = try healthCheck() } catch {
                throw .invalidParameter("healthCheckPath: \(error.message)")
            }
        }
        guard let scaling else { return }
        self.scaling.minimum = scaling.minTaskCount ?? self.scaling.minimum
        self.scaling.maximum = scaling.maxTaskCount ?? max(self.scaling.maximum, self.scaling.minimum)
        self.scaling.target = scaling.autoScalingTargetValue ?? self.scaling.target
        if let metric = scaling.autoScalingMetric.flatMap({ ExpressSettings.Metric(wire: $0) }) {
            self.scaling.metric = metric
        }
        let most = ServiceRules.maximumDesiredCount
        guard (0...most).contains(self.scaling.minimum), (self.scaling.minimum...most).contains(self.scaling.maximum)
        else {
            throw .invalidParameter(
                "minTaskCount and maxTaskCount must be between 0 and \(most), the minimum first, got "
                    + "\(self.scaling.minimum) and \(self.scaling.maximum).")
        }
        guard self.scaling.target > 0 else {
            throw .invalidParameter("autoScalingTargetValue must be more than 0, got \(self.scaling.target).")
        }
    }
}

extension ExpressSettings.Metric {
    init?(wire: String) {
        switch wire {
        case "AVERAGE_CPU": self = .averageCPU
        case "AVERAGE_MEMORY": self = .averageMemory
        case "REQUEST_COUNT_PER_TARGET": self = .requestCountPerTarget
        default: return nil
        }
    }

    var wire: String {
        switch self {
        case .averageCPU: "AVERAGE_CPU"
        case .averageMemory: "AVERAGE_MEMORY"
        case .requestCountPerTarget: "REQUEST_COUNT_PER_TARGET"
        }
    }
}

extension NetworkConfiguration {
    /// The network of an Express service, which may name no subnet.
    init(_ shape: ECSShapes.ExpressGatewayServiceNetworkConfiguration?) throws(APIFault) {
        let subnets = shape?.subnets ?? []
        let groups = shape?.securityGroups ?? []
        if subnets.count > 16 { throw .invalidParameter("subnets can have at most 16 items.") }
        if groups.count > 5 { throw .invalidParameter("securityGroups can have at most 5 items.") }
        self.init(subnets: subnets, securityGroups: groups)
    }
}
