import AWSWire
import Domain
import ECSShapes
import Identifiers
import TaskLifecycle
import Validation

/// The members that RunTask and StartTask have in common.
protocol TaskLaunchRequest {
    var group: String? { get }
    var startedBy: String? { get }
    var overrides: ECSShapes.TaskOverride? { get }
    var networkConfiguration: ECSShapes.NetworkConfiguration? { get }
    var tags: [ECSShapes.Tag]? { get }
    var propagateTags: String? { get }
    var enableECSManagedTags: Bool? { get }
}

extension ECSShapes.RunTaskRequest: TaskLaunchRequest {}
extension ECSShapes.StartTaskRequest: TaskLaunchRequest {}

extension TaskTemplate {
    /// What a request says of its tasks beside where they run.
    ///
    /// - Throws: `InvalidParameterException` in ECS's words.
    init(
        _ request: some TaskLaunchRequest, _ record: TaskDefinitionRecord, cluster: ClusterID, on launchType: LaunchType
    ) throws(APIFault) {
        let definition = record.definition
        self.init(
            definition: record, cluster: cluster, launchType: launchType,
            group: try Self.group(request.group, of: record))
        startedBy = try Self.startedBy(request.startedBy)
        networkConfiguration = try NetworkConfiguration.checked(
            request.networkConfiguration, for: definition.effectiveNetworkMode, on: launchType)
        do throws(ValidationFault) {
            overrides = try TaskOverrides(validating: request.overrides, of: definition, on: launchType)
        } catch {
            throw APIFault(error)
        }
        tags = try Self.tags(of: request, record, cluster)
    }

    private static func group(_ group: String?, of record: TaskDefinitionRecord) throws(APIFault) -> String {
        guard let group, !group.isEmpty else { return "family:\(record.id.family.name)" }
        if group.unicodeScalars.count > 255 { throw .invalidParameter("group can have at most 255 characters.") }
        if group.hasPrefix("service:") {
            throw .invalidParameter("The group prefix 'service:' is reserved for tasks of services.")
        }
        return group
    }

    private static func startedBy(_ startedBy: String?) throws(APIFault) -> String? {
        guard let startedBy, !startedBy.isEmpty else { return nil }
        let allowed = startedBy.utf8.allSatisfy { byte in
            ResourceName.isValid(String(decoding: [byte], as: UTF8.self)) || byte == UInt8(ascii: "/")
        }
        guard startedBy.utf8.count <= 128, allowed else {
            throw .invalidParameter(
                "startedBy can have up to 128 letters, numbers, hyphens, forward slashes, and underscores.")
        }
        return startedBy
    }

    /// The request's own tags, then those of the definition under other keys, then the managed one.
    private static func tags(
        of request: some TaskLaunchRequest, _ record: TaskDefinitionRecord, _ cluster: ClusterID
    ) throws(APIFault) -> [KeyValue] {
        var tags = try Tags.checked(request.tags)
        switch request.propagateTags {
        case "TASK_DEFINITION": tags += record.tags.filter { tag in !tags.contains { $0.key == tag.key } }
        case "SERVICE": throw .invalidParameter("propagateTags SERVICE is not valid for standalone tasks.")
        default: break
        }
        if tags.count > Tags.limit {
            throw .invalidParameter(
                "The maximum number of tags is \(Tags.limit), got \(tags.count) with those of the task definition.")
        }
        if request.enableECSManagedTags == true {
            tags.append(KeyValue(key: "aws:ecs:clusterName", value: cluster.name))
        }
        return tags
    }
}
