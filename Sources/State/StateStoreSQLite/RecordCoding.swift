import Domain
import Foundation
import Identifiers
import StateStore

/// GRDB has a type named `Record` too.
typealias StoredRecord = Record

/// Names of the kinds of records in the data file. They never change.
enum RecordKind: String, Codable, CaseIterable {
    case installation, cluster, family, taskDefinition, service, serviceRevision, serviceDeployment, task, instance
    case accessKey, joinToken, idempotency, accountSetting
    case daemonTaskDefinition, daemon, daemonRevision, daemonDeployment, capacityProvider, usage
    case eventRule, eventDelivery, putEvents, eventCursor
    case loadBalancer, listener, listenerRule, targetGroup, target, certificate
    case alarm, alarmHistory, scalableTarget, scalingPolicy, scheduledAction, scalingActivity
}

extension RecordKey {
    var kind: RecordKind {
        switch self {
        case .installation: .installation
        case .cluster: .cluster
        case .capacityProvider: .capacityProvider
        case .family: .family
        case .taskDefinition: .taskDefinition
        case .daemonTaskDefinition: .daemonTaskDefinition
        case .daemon: .daemon
        case .daemonRevision: .daemonRevision
        case .daemonDeployment: .daemonDeployment
        case .service: .service
        case .serviceRevision: .serviceRevision
        case .serviceDeployment: .serviceDeployment
        case .task: .task
        case .instance: .instance
        case .accessKey: .accessKey
        case .joinToken: .joinToken
        case .idempotency: .idempotency
        case .accountSetting: .accountSetting
        case .usage: .usage
        case .eventRule: .eventRule
        case .eventDelivery: .eventDelivery
        case .putEvents: .putEvents
        case .eventCursor: .eventCursor
        case .loadBalancer: .loadBalancer
        case .listener: .listener
        case .listenerRule: .listenerRule
        case .targetGroup: .targetGroup
        case .target: .target
        case .certificate: .certificate
        case .alarm: .alarm
        case .alarmHistory: .alarmHistory
        case .scalableTarget: .scalableTarget
        case .scalingPolicy: .scalingPolicy
        case .scheduledAction: .scheduledAction
        case .scalingActivity: .scalingActivity
        }
    }

    /// Unique within the kind. No part but the last may hold a slash, so that two keys never read the same.
    var text: String {
        switch self {
        case .installation: ""
        case .cluster(let id): "\(id.scope.account)/\(id.scope.region)/\(id.name)"
        case .capacityProvider(let id): "\(id.scope.account)/\(id.scope.region)/\(id.name)"
        case .family(let id):
            "\(id.scope.account)/\(id.scope.region)/\(id.kind == .task ? "" : id.kind.rawValue + "/")\(id.name)"
        case .daemon(let id): id.text
        case .daemonRevision(let id): "\(id.daemon.text)/\(id.number)"
        case .daemonDeployment(let id): "\(id.daemon.text)/\(id.id)"
        case .taskDefinition(let id), .daemonTaskDefinition(let id):
            "\(id.family.scope.account)/\(id.family.scope.region)/\(id.revision)/\(id.family.name)"
        case .service(let id): "\(id.cluster.scope.account)/\(id.cluster.scope.region)/\(id.cluster.name)/\(id.name)"
        case .serviceRevision(let id): "\(RecordKey.service(id.service).text)/\(id.number)"
        case .serviceDeployment(let id): "\(RecordKey.service(id.service).text)/\(id.id)"
        case .task(let id): "\(id.cluster.scope.account)/\(id.cluster.scope.region)/\(id.cluster.name)/\(id.id)"
        case .instance(let id): "\(id.scope.account)/\(id.scope.region)/\(id.id)"
        case .accessKey(let id): id
        case .joinToken(let digest): digest
        case .idempotency(let scope, let key): "\(scope.account)/\(scope.region)/\(key)"
        case .accountSetting(let id): "\(id.scope.account)/\(id.scope.region)/\(id.name)/\(id.principal)"
        case .usage(let id): id.text
        case .eventRule(let id): id.text
        case .eventDelivery(let id): "\(id.target.rule.text)/\(id.target.id)/\(id.event)"
        case .putEvents(let scope): "\(scope.account)/\(scope.region)"
        case .eventCursor: ""
        case .loadBalancer(let id): id.text
        case .listener(let id): id.text
        case .listenerRule(let id): "\(id.listener.text)/\(id.suffix)"
        case .targetGroup(let id): id.text
        case .target(let id): "\(id.group.text)/\(id.port)/\(id.id)"
        case .certificate(let id): "\(id.scope.account)/\(id.scope.region)/\(id.id)"
        case .alarm(let id): "\(id.scope.account)/\(id.scope.region)/\(id.name)"
        case .alarmHistory(let id):
            "\(id.alarm.scope.account)/\(id.alarm.scope.region)/\(id.time.milliseconds)/\(id.number)/\(id.alarm.name)"
        case .scalableTarget(let id): RecordKey.service(id).text
        case .scalingPolicy(let id): "\(RecordKey.service(id.service).text)/\(id.name)"
        case .scheduledAction(let id): "\(RecordKey.service(id.service).text)/\(id.name)"
        case .scalingActivity(let id):
            "\(RecordKey.service(id.service).text)/\(id.startedAt.milliseconds)/\(id.id)"
        }
    }
}

extension DaemonID {
    fileprivate var text: String { "\(cluster.scope.account)/\(cluster.scope.region)/\(cluster.name)/\(name)" }
}

extension EventRuleID {
    fileprivate var text: String { "\(scope.account)/\(scope.region)/\(name)" }
}

extension LoadBalancerID {
    fileprivate var text: String { "\(scope.account)/\(scope.region)/\(kind.rawValue)/\(name)/\(suffix)" }
}

extension ListenerID {
    fileprivate var text: String { "\(loadBalancer.text)/\(suffix)" }
}

extension TargetGroupID {
    fileprivate var text: String { "\(scope.account)/\(scope.region)/\(name)/\(suffix)" }
}

extension UsageID {
    fileprivate var text: String {
        let scope = group.cluster.scope
        let kinds = "\(group.owner.kind.rawValue)/\(group.capacity.rawValue)/\(group.architecture.rawValue)"
        return "\(scope.account)/\(scope.region)/\(group.cluster.name)/\(kinds)/\(period.start)/\(period.hours)/"
            + group.owner.name
    }
}

/// Records to JSON and back.
struct RecordCoder {
    private let encoder = RecordEncoder()
    private let decoder = JSONDecoder()

    func encode(_ record: Record) throws -> Data { Data(try bytes(of: record)) }

    private func bytes(of record: Record) throws -> [UInt8] {
        switch record {
        case .installation(let record): try encoder.encode(record)
        case .cluster(let record): try encoder.encode(record)
        case .capacityProvider(let record): try encoder.encode(record)
        case .family(let record): try encoder.encode(record)
        case .taskDefinition(let record): try encoder.encode(record)
        case .daemonTaskDefinition(let record): try encoder.encode(record)
        case .daemon(let record): try encoder.encode(record)
        case .daemonRevision(let record): try encoder.encode(record)
        case .daemonDeployment(let record): try encoder.encode(record)
        case .service(let record): try encoder.encode(record)
        case .serviceRevision(let record): try encoder.encode(record)
        case .serviceDeployment(let record): try encoder.encode(record)
        case .task(let record): try encoder.encode(record)
        case .instance(let record): try encoder.encode(record)
        case .accessKey(let record): try encoder.encode(record)
        case .joinToken(let record): try encoder.encode(record)
        case .idempotency(let record): try encoder.encode(record)
        case .accountSetting(let record): try encoder.encode(record)
        case .usage(let record): try encoder.encode(record)
        case .eventRule(let record): try encoder.encode(record)
        case .eventDelivery(let record): try encoder.encode(record)
        case .putEvents(let record): try encoder.encode(record)
        case .eventCursor(let record): try encoder.encode(record)
        case .loadBalancer(let record): try encoder.encode(record)
        case .listener(let record): try encoder.encode(record)
        case .listenerRule(let record): try encoder.encode(record)
        case .targetGroup(let record): try encoder.encode(record)
        case .target(let record): try encoder.encode(record)
        case .certificate(let record): try encoder.encode(record)
        case .alarm(let record): try encoder.encode(record)
        case .alarmHistory(let record): try encoder.encode(record)
        case .scalableTarget(let record): try encoder.encode(record)
        case .scalingPolicy(let record): try encoder.encode(record)
        case .scheduledAction(let record): try encoder.encode(record)
        case .scalingActivity(let record): try encoder.encode(record)
        }
    }

    func decode(_ kind: RecordKind, _ data: Data) throws -> Record {
        switch kind {
        case .installation: .installation(try decoder.decode(InstallationRecord.self, from: data))
        case .cluster: .cluster(try decoder.decode(ClusterRecord.self, from: data))
        case .capacityProvider: .capacityProvider(try decoder.decode(CapacityProviderRecord.self, from: data))
        case .family: .family(try decoder.decode(FamilyRecord.self, from: data))
        case .taskDefinition: .taskDefinition(try decoder.decode(TaskDefinitionRecord.self, from: data))
        case .daemonTaskDefinition:
            .daemonTaskDefinition(try decoder.decode(DaemonTaskDefinitionRecord.self, from: data))
        case .daemon: .daemon(try decoder.decode(DaemonRecord.self, from: data))
        case .daemonRevision: .daemonRevision(try decoder.decode(DaemonRevisionRecord.self, from: data))
        case .daemonDeployment: .daemonDeployment(try decoder.decode(DaemonDeploymentRecord.self, from: data))
        case .service: .service(try decoder.decode(ServiceRecord.self, from: data))
        case .serviceRevision: .serviceRevision(try decoder.decode(ServiceRevisionRecord.self, from: data))
        case .serviceDeployment: .serviceDeployment(try decoder.decode(ServiceDeploymentRecord.self, from: data))
        case .task: .task(try decoder.decode(TaskRecord.self, from: data))
        case .instance: .instance(try decoder.decode(ContainerInstanceRecord.self, from: data))
        case .accessKey: .accessKey(try decoder.decode(AccessKeyRecord.self, from: data))
        case .joinToken: .joinToken(try decoder.decode(JoinTokenRecord.self, from: data))
        case .idempotency: .idempotency(try decoder.decode(IdempotencyRecord.self, from: data))
        case .accountSetting: .accountSetting(try decoder.decode(AccountSettingRecord.self, from: data))
        case .usage: .usage(try decoder.decode(UsageRecord.self, from: data))
        case .eventRule: .eventRule(try decoder.decode(EventRuleRecord.self, from: data))
        case .eventDelivery: .eventDelivery(try decoder.decode(EventDeliveryRecord.self, from: data))
        case .putEvents: .putEvents(try decoder.decode(PutEventsRecord.self, from: data))
        case .eventCursor: .eventCursor(try decoder.decode(EventCursorRecord.self, from: data))
        case .loadBalancer: .loadBalancer(try decoder.decode(LoadBalancerRecord.self, from: data))
        case .listener: .listener(try decoder.decode(ListenerRecord.self, from: data))
        case .listenerRule: .listenerRule(try decoder.decode(ListenerRuleRecord.self, from: data))
        case .targetGroup: .targetGroup(try decoder.decode(TargetGroupRecord.self, from: data))
        case .target: .target(try decoder.decode(TargetRecord.self, from: data))
        case .certificate: .certificate(try decoder.decode(CertificateRecord.self, from: data))
        case .alarm: .alarm(try decoder.decode(AlarmRecord.self, from: data))
        case .alarmHistory: .alarmHistory(try decoder.decode(AlarmHistoryRecord.self, from: data))
        case .scalableTarget: .scalableTarget(try decoder.decode(ScalableTargetRecord.self, from: data))
        case .scalingPolicy: .scalingPolicy(try decoder.decode(ScalingPolicyRecord.self, from: data))
        case .scheduledAction: .scheduledAction(try decoder.decode(ScheduledActionRecord.self, from: data))
        case .scalingActivity: .scalingActivity(try decoder.decode(ScalingActivityRecord.self, from: data))
        }
    }

    /// A batch as `[{"kind":…,"before":…,"after":…}]`; `stored` holds the bytes of its records, by position.
    static func batch(_ changes: [Change], _ stored: [StoredBytes]) -> Data {
        var json = Data("[".utf8)
        json.reserveCapacity(stored.reduce(2) { $0 + ($1.before?.count ?? 0) + ($1.after?.count ?? 0) + 64 })
        for (index, (change, stored)) in zip(changes, stored).enumerated() {
            json.append(contentsOf: (index == 0 ? "{\"kind\":\"" : ",{\"kind\":\"").utf8)
            json.append(contentsOf: change.key.kind.rawValue.utf8)
            json.append(contentsOf: "\"".utf8)
            if let before = stored.before {
                json.append(contentsOf: ",\"before\":".utf8)
                json.append(before)
            }
            if let after = stored.after {
                json.append(contentsOf: ",\"after\":".utf8)
                json.append(after)
            }
            json.append(contentsOf: "}".utf8)
        }
        json.append(contentsOf: "]".utf8)
        return json
    }

    func decodeChanges(_ data: Data) throws -> [Change] {
        try decoder.decode([StoredChange].self, from: data).compactMap(\.change)
    }
}

/// The bytes of one record before and after a change; nil where there was or is none.
struct StoredBytes {
    var before: Data?
    var after: Data?
}

private struct StoredChange: Decodable {
    /// nil when both sides are absent.
    var change: Change?

    enum CodingKeys: CodingKey { case kind, before, after }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let kind = try container.decode(RecordKind.self, forKey: .kind)
        let before = try Self.record(kind, container, .before)
        let after = try Self.record(kind, container, .after)
        change = (after ?? before).map { Change(key: $0.key, before: before, after: after) }
    }

    private static func record(
        _ kind: RecordKind, _ container: KeyedDecodingContainer<CodingKeys>, _ key: CodingKeys
    ) throws -> Record? {
        switch kind {
        case .installation:
            try container.decodeIfPresent(InstallationRecord.self, forKey: key).map(Record.installation)
        case .cluster: try container.decodeIfPresent(ClusterRecord.self, forKey: key).map(Record.cluster)
        case .capacityProvider:
            try container.decodeIfPresent(CapacityProviderRecord.self, forKey: key).map(Record.capacityProvider)
        case .family: try container.decodeIfPresent(FamilyRecord.self, forKey: key).map(Record.family)
        case .taskDefinition:
            try container.decodeIfPresent(TaskDefinitionRecord.self, forKey: key).map(Record.taskDefinition)
        case .daemonTaskDefinition:
            try container.decodeIfPresent(DaemonTaskDefinitionRecord.self, forKey: key)
                .map(Record.daemonTaskDefinition)
        case .daemon: try container.decodeIfPresent(DaemonRecord.self, forKey: key).map(Record.daemon)
        case .daemonRevision:
            try container.decodeIfPresent(DaemonRevisionRecord.self, forKey: key).map(Record.daemonRevision)
        case .daemonDeployment:
            try container.decodeIfPresent(DaemonDeploymentRecord.self, forKey: key).map(Record.daemonDeployment)
        case .service: try container.decodeIfPresent(ServiceRecord.self, forKey: key).map(Record.service)
        case .serviceRevision:
            try container.decodeIfPresent(ServiceRevisionRecord.self, forKey: key).map(Record.serviceRevision)
        case .serviceDeployment:
            try container.decodeIfPresent(ServiceDeploymentRecord.self, forKey: key).map(Record.serviceDeployment)
        case .task: try container.decodeIfPresent(TaskRecord.self, forKey: key).map(Record.task)
        case .instance: try container.decodeIfPresent(ContainerInstanceRecord.self, forKey: key).map(Record.instance)
        case .accessKey: try container.decodeIfPresent(AccessKeyRecord.self, forKey: key).map(Record.accessKey)
        case .joinToken: try container.decodeIfPresent(JoinTokenRecord.self, forKey: key).map(Record.joinToken)
        case .idempotency: try container.decodeIfPresent(IdempotencyRecord.self, forKey: key).map(Record.idempotency)
        case .accountSetting:
            try container.decodeIfPresent(AccountSettingRecord.self, forKey: key).map(Record.accountSetting)
        case .usage: try container.decodeIfPresent(UsageRecord.self, forKey: key).map(Record.usage)
        case .eventRule: try container.decodeIfPresent(EventRuleRecord.self, forKey: key).map(Record.eventRule)
        case .eventDelivery:
            try container.decodeIfPresent(EventDeliveryRecord.self, forKey: key).map(Record.eventDelivery)
        case .putEvents: try container.decodeIfPresent(PutEventsRecord.self, forKey: key).map(Record.putEvents)
        case .eventCursor: try container.decodeIfPresent(EventCursorRecord.self, forKey: key).map(Record.eventCursor)
        case .loadBalancer:
            try container.decodeIfPresent(LoadBalancerRecord.self, forKey: key).map(Record.loadBalancer)
        case .listener:
            try container.decodeIfPresent(ListenerRecord.self, forKey: key).map(Record.listener)
        case .listenerRule:
            try container.decodeIfPresent(ListenerRuleRecord.self, forKey: key).map(Record.listenerRule)
        case .targetGroup:
            try container.decodeIfPresent(TargetGroupRecord.self, forKey: key).map(Record.targetGroup)
        case .target:
            try container.decodeIfPresent(TargetRecord.self, forKey: key).map(Record.target)
        case .certificate:
            try container.decodeIfPresent(CertificateRecord.self, forKey: key).map(Record.certificate)
        case .alarm:
            try container.decodeIfPresent(AlarmRecord.self, forKey: key).map(Record.alarm)
        case .alarmHistory:
            try container.decodeIfPresent(AlarmHistoryRecord.self, forKey: key).map(Record.alarmHistory)
        case .scalableTarget:
            try container.decodeIfPresent(ScalableTargetRecord.self, forKey: key).map(Record.scalableTarget)
        case .scalingPolicy:
            try container.decodeIfPresent(ScalingPolicyRecord.self, forKey: key).map(Record.scalingPolicy)
        case .scheduledAction:
            try container.decodeIfPresent(ScheduledActionRecord.self, forKey: key).map(Record.scheduledAction)
        case .scalingActivity:
            try container.decodeIfPresent(ScalingActivityRecord.self, forKey: key).map(Record.scalingActivity)
        }
    }
}
