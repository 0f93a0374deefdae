import AWSWire
import Domain
import ECSShapes
import JSONBytes
import Validation

/// A setting of the ECS API that nothing in Berth acts on.
struct InertSetting: Sendable {
    enum Subject: String, Sendable {
        case account, cluster, capacityProvider, service, express, daemon, task, taskDefinition, taskSet
    }

    /// What would change correctness or security if ignored is refused; a fact of AWS's placement is kept, shown and
    /// reported.
    enum Verdict: Sendable { case refused, reported }

    let subject: Subject
    let place: SettingPath
    /// Values that ask for nothing, beside what is absent and empty.
    let harmless: [JSONValue]
    let verdict: Verdict
    /// Why nothing acts on it, as callers are told.
    let reason: String

    /// Members from the request down; `[]` after a name goes through a list.
    var path: String { place.text }

    /// How callers are told of it: members of a task definition say where they stand.
    var name: String { subject == .taskDefinition ? "taskDefinition." + path : path }
}

/// The closed list of settings that are accepted without effect or refused.
///
/// What a task definition may not ask for is refused when it is registered: that list is in `Validation`.
enum AcceptedSettings {
    static let all: [InertSetting] =
        account + cluster + capacityProvider + taskSet + service + express + daemon + task + taskDefinition

    private static let bySubject = Dictionary(grouping: all, by: \.subject)
    private static let found = FoundSettings()

    /// Account settings, under their names.
    private static let account = [
        refused(.account, "fargateFIPSMode", ["disabled"], "the cryptography of FIPS 140 is not used"),
        reported(
            .account, "awsvpcTrunking", ["disabled"], "how many tasks have interfaces on a host is not limited anyway"),
        reported(
            .account, "defaultLogDriverMode", ["blocking"], "containers wait until their output is written to the host"),
        reported(.account, "fargateEventWindows", ["disabled"], "hosts are not retired"),
        reported(.account, "fargateTaskRetirementWaitPeriod", ["7"], "hosts are not retired"),
    ]

    private static let cluster = [
        reported(
            .cluster, "configuration.executeCommandConfiguration.kmsKeyId",
            "there is no session to encrypt: ECS Exec is not built yet"),
        reported(
            .cluster, "configuration.executeCommandConfiguration.logConfiguration",
            "there is no session to log: ECS Exec is not built yet"),
        reported(
            .cluster, "configuration.executeCommandConfiguration.logging", ["DEFAULT", "NONE"],
            "there is no session to log: ECS Exec is not built yet"),
        reported(
            .cluster, "configuration.managedStorageConfiguration.kmsKeyId", "EBS volumes are not built yet"),
        refused(
            .cluster, "configuration.managedStorageConfiguration.fargateEphemeralStorageKmsKeyId",
            "the disks of tasks are not encrypted with KMS keys"),
        reported(.cluster, "serviceConnectDefaults.namespace", [""], "Service Connect is not built yet"),
    ]

    private static let capacityProvider = [
        reported(
            .capacityProvider, "autoScalingGroupProvider.autoScalingGroupArn",
            "there are no Auto Scaling groups: hosts join with berth agent --capacity-provider"),
        reported(
            .capacityProvider, "autoScalingGroupProvider.managedScaling.status", ["DISABLED"],
            "hosts are not started and stopped; tasks wait for one that joins"),
        reported(
            .capacityProvider, "autoScalingGroupProvider.managedTerminationProtection", ["DISABLED"],
            "nothing terminates hosts"),
        reported(
            .capacityProvider, "autoScalingGroupProvider.managedDraining", ["DISABLED"],
            "nothing terminates hosts; set one to DRAINING to empty it"),
        refused(
            .capacityProvider, "managedInstancesProvider",
            "Berth starts no machines: join hosts with berth agent and use a provider of an Auto Scaling group"),
    ]

    private static let launch = [
        ("networkConfiguration.awsvpcConfiguration.subnets", "tasks get addresses of the installation's own range"),
        ("networkConfiguration.awsvpcConfiguration.securityGroups", "there are no security groups"),
    ]

    private static let taskRole = "no credentials are served yet"
    private static let executionRole = "images are pulled and output is kept without AWS credentials"
    private static let ephemeralStorage = "tasks share their host's disk"

    /// Of definitions that services and tasks use, as `DescribeTaskDefinition` shows them.
    private static let taskDefinition =
        [
            reported(.taskDefinition, "taskRoleArn", taskRole),
            reported(.taskDefinition, "executionRoleArn", executionRole),
            reported(.taskDefinition, "ephemeralStorage", ephemeralStorage),
            reported(
                .taskDefinition, "containerDefinitions[].logConfiguration.logDriver", ["json-file"],
                "output is kept on the host: berth logs TASK"),
            reported(
                .taskDefinition, "containerDefinitions[].versionConsistency", ["disabled"],
                "tags are resolved for every task by itself"),
            reported(
                .taskDefinition, "volumes[].dockerVolumeConfiguration.labels",
                "there is no Docker daemon to label volumes"),
            reported(
                .taskDefinition, "containerDefinitions[].portMappings[].appProtocol", "Service Connect is not built yet"
            ),
            reported(.taskDefinition, "containerDefinitions[].portMappings[].name", "Service Connect is not built yet"),
        ] + logOptions

    /// Options of `json-file` that Docker knows and Berth's files have no place for; `max-size` and `max-file` are acted on.
    private static let logOptions = [
        "compress", "env", "env-regex", "labels", "labels-regex", "max-buffer-size", "mode", "tag",
    ].map { name in
        reported(
            .taskDefinition, "containerDefinitions[].logConfiguration.options." + name,
            "output is kept on the host in plain lines: berth logs TASK")
    }

    private static let noLambda =
        "there are no Lambda functions to invoke; a hook of the type PAUSE waits for ContinueServiceDeployment"

    private static let service =
        launch.map { reported(.service, $0.0, $0.1) } + [
            reported(
                .service, "networkConfiguration.awsvpcConfiguration.assignPublicIp", ["DISABLED"],
                "there are no public addresses"),
            refused(.service, "loadBalancers[].loadBalancerName", "there are no Classic Load Balancers"),
            reported(
                .service, "loadBalancers[].advancedConfiguration.roleArn",
                "load balancers are of the same installation: no role is assumed"),
            refused(.service, "serviceRegistries", "service discovery is not built yet"),
            refused(.service, "serviceConnectConfiguration.enabled", [false], "Service Connect is not built yet"),
            refused(.service, "volumeConfigurations", "EBS volumes are not built yet"),
            refused(.service, "vpcLatticeConfigurations", "VPC Lattice is not supported"),
            refused(.service, "enableExecuteCommand", [false], "ECS Exec is not built yet"),
            refused(
                .service, "deploymentController.type", ["ECS", "EXTERNAL"],
                "there is no CodeDeploy to carry out deployments of the CODE_DEPLOY controller"),
            reported(.service, "role", "load balancers are of the same installation: no role is assumed"),
            refused(.service, "deploymentConfiguration.lifecycleHooks[].hookTargetArn", noLambda),
            refused(.service, "deploymentConfiguration.lifecycleHooks[].roleArn", noLambda),
            refused(.service, "deploymentConfiguration.lifecycleHooks[].hookDetails", noLambda),
        ]

    /// Beside those of services.
    private static let taskSet = [
        refused(
            .taskSet, "loadBalancers[].advancedConfiguration",
            "the weights between task sets are for the controller to move that makes them")
    ]

    private static let express = [
        reported(.express, "infrastructureRoleArn", "nothing of AWS is set up"),
        reported(.express, "networkConfiguration.subnets", "tasks get addresses of the installation's own range"),
        reported(.express, "networkConfiguration.securityGroups", "there are no security groups"),
        reported(.express, "executionRoleArn", executionRole),
        reported(.express, "taskRoleArn", taskRole),
        reported(.express, "primaryContainer.awsLogsConfiguration", "output is kept on the host: berth logs TASK"),
    ]

    private static let daemon = [
        refused(.daemon, "enableExecuteCommand", [false], "ECS Exec is not built yet")
    ]

    private static let task =
        launch.map { reported(.task, $0.0, $0.1) } + [
            reported(
                .task, "networkConfiguration.awsvpcConfiguration.assignPublicIp", ["DISABLED"],
                "there are no public addresses"),
            refused(.task, "volumeConfigurations", "EBS volumes are not built yet"),
            refused(.task, "enableExecuteCommand", [false], "ECS Exec is not built yet"),
            refused(.task, "referenceId", "it is for Amazon's own services"),
            reported(.task, "overrides.taskRoleArn", taskRole),
            reported(.task, "overrides.executionRoleArn", executionRole),
            reported(.task, "overrides.ephemeralStorage", ephemeralStorage),
            refused(.task, "overrides.inferenceAcceleratorOverrides", "Elastic Inference is not supported"),
            refused(.task, "overrides.containerOverrides[].environmentFiles", "there is no object store yet"),
            refused(.task, "overrides.containerOverrides[].resourceRequirements", "GPUs are not scheduled yet"),
        ]

    /// Refuses what must not be ignored.
    ///
    /// - Returns: the settings in the request that are kept and have no effect.
    /// - Throws: `UnsupportedFeatureException` with the setting and the reason; `ServerException` when the request cannot
    ///   be looked into, for then it may ask for what must not be ignored.
    @discardableResult
    static func check(_ subject: InertSetting.Subject, _ request: some JSONWritable) throws(APIFault) -> [InertSetting]
    {
        let used = try Self.used(subject, in: request)
        if let first = used.first(where: { $0.verdict == .refused }) {
            throw .unsupportedFeature("\(first.path) is not supported: \(first.reason).")
        }
        return used
    }

    /// The settings of a stored definition that have no effect.
    static func reported(by definition: TaskDefinitionRecord) throws(APIFault) -> [InertSetting] {
        if let known = found.settings(of: definition) { return known }
        let settings = try used(.taskDefinition, in: ECSShapes.TaskDefinition(definition))
        found.keep(settings, of: definition)
        return settings
    }

    /// The settings on the list by which `request` asks for something.
    static func used(_ subject: InertSetting.Subject, in request: some JSONWritable) throws(APIFault) -> [InertSetting]
    {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(jsonBytes: request.jsonBytes())
        } catch {
            throw .server()
        }
        return bySubject[subject, default: []].filter { $0.isUsed(in: value) }
    }

    private static func refused(
        _ subject: InertSetting.Subject, _ path: String, _ harmless: [JSONValue] = [], _ reason: String
    ) -> InertSetting {
        InertSetting(subject: subject, place: SettingPath(path), harmless: harmless, verdict: .refused, reason: reason)
    }

    private static func refused(_ subject: InertSetting.Subject, _ path: String, _ reason: String) -> InertSetting {
        refused(subject, path, [], reason)
    }

    private static func reported(
        _ subject: InertSetting.Subject, _ path: String, _ harmless: [JSONValue] = [], _ reason: String
    ) -> InertSetting {
        InertSetting(subject: subject, place: SettingPath(path), harmless: harmless, verdict: .reported, reason: reason)
    }

    private static func reported(_ subject: InertSetting.Subject, _ path: String, _ reason: String) -> InertSetting {
        reported(subject, path, [], reason)
    }
}

extension InertSetting {
    /// Whether the request asks for something by this setting.
    func isUsed(in request: JSONValue) -> Bool { place.firstUse(in: request, harmless: harmless) != nil }
}
