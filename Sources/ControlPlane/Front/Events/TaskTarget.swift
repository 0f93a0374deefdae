import AWSWire
public import Domain
import ECSShapes
import ShapeRules
public import EventRules
import Identifiers
import JSONBytes
import StateStore

/// Runs the tasks that rules of events ask for, by the code of RunTask.
public struct TaskTarget: Sendable {
    private let launch: TaskLaunch
    private let now: @Sendable () -> Timestamp

    public init(_ ports: FrontPorts) {
        launch = TaskLaunch(ports)
        now = ports.now
    }

    /// Makes the tasks and takes the delivery away in one commit: no kill leaves one done without the other, so that
    /// nothing runs twice.
    public func deliver(_ delivery: EventDeliveryRecord, to target: EventTarget) async -> DeliveryOutcome {
        let rule = delivery.id.target.rule
        do throws(APIFault) {
            let request = try ECSShapes.RunTaskRequest(target, input: target.hasOwnInput ? delivery.input : nil)
            let outcome = try await launch.run(
                request, rule.scope, startedBy: "events-rule/\(rule.name)", now: now()
            ) { state throws(APIFault) in
                state.eventDeliveries[delivery.id] == nil ? [] : nil
            } beside: { _, transaction in
                transaction.delete(.eventDelivery(delivery.id))
            }
            guard outcome.tasks.isEmpty, let failure = outcome.failures.first else { return .settled }
            return .failed([failure.reason, failure.detail].compactMap { $0 }.joined(separator: ": "))
        } catch {
            let isPassing = error.side == .server || error.code == APIFault.throttling().code
            let text = "\(error.code): \(error.message)"
            return isPassing ? .failed(text) : .refused(text)
        }
    }
}

extension ECSShapes.RunTaskRequest {
    /// What a target asks of RunTask.
    ///
    /// - Parameter input: overrides as JSON, as in RunTask's `overrides`; nil for none.
    /// - Throws: `InvalidParameterException` for what RunTask would not take.
    init(_ target: EventTarget, input: String?) throws(APIFault) {
        guard let parameters = target.tasks else { throw .invalidParameter("EcsParameters are missing.") }
        self.init(
            capacityProviderStrategy: parameters.capacityProviderStrategy.nonEmpty?.map {
                ECSShapes.CapacityProviderStrategyItem(
                    capacityProvider: $0.provider, weight: $0.weight, base: $0.base)
            },
            cluster: target.arn, count: parameters.count, enableECSManagedTags: parameters.enableECSManagedTags,
            enableExecuteCommand: parameters.enableExecuteCommand, group: parameters.group,
            launchType: parameters.launchType,
            networkConfiguration: parameters.network.map(ECSShapes.NetworkConfiguration.init),
            placementConstraints: parameters.placementConstraints.nonEmpty?.map {
                ECSShapes.PlacementConstraint(type: $0.type, expression: $0.value)
            },
            placementStrategy: parameters.placementStrategy.nonEmpty?.map {
                ECSShapes.PlacementStrategy(type: $0.type, field: $0.value)
            }, platformVersion: parameters.platformVersion, propagateTags: parameters.propagateTags,
            referenceId: parameters.referenceID,
            tags: parameters.tags.nonEmpty?.map { ECSShapes.Tag(key: $0.key, value: $0.value) },
            taskDefinition: parameters.taskDefinition)
        if let input { overrides = try Self.overrides(input) }
        if let violation = violations().first { throw .invalidParameter(violation.message) }
    }

    private static func overrides(_ input: String) throws(APIFault) -> ECSShapes.TaskOverride {
        do throws(JSONError) {
            return try ECSShapes.TaskOverride(jsonBytes: Array(input.utf8))
        } catch {
            throw .invalidParameter("The input is not the JSON of a task override: \(error).")
        }
    }
}
