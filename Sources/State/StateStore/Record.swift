public import Domain
public import Identifiers

/// Names one stored record.
public enum RecordKey: Hashable, Codable, Sendable {
    case installation
    case cluster(ClusterID)
    case capacityProvider(CapacityProviderID)
    case family(FamilyID)
    case taskDefinition(TaskDefinitionID)
    case daemonTaskDefinition(TaskDefinitionID)
    case daemon(DaemonID)
    case daemonRevision(DaemonRevisionID)
    case daemonDeployment(DaemonDeploymentID)
    case service(ServiceID)
    case serviceRevision(ServiceRevisionID)
    case serviceDeployment(ServiceDeploymentID)
    case task(TaskID)
    case instance(ContainerInstanceID)
    case accessKey(String)
    case joinToken(String)
    case idempotency(Scope, String)
    case accountSetting(AccountSettingID)
    case usage(UsageID)
    case eventRule(EventRuleID)
    case eventDelivery(EventDeliveryID)
    case putEvents(Scope)
    case eventCursor
    case loadBalancer(LoadBalancerID)
    case listener(ListenerID)
    case listenerRule(ListenerRuleID)
    case targetGroup(TargetGroupID)
    case target(TargetID)
    case certificate(CertificateID)
    case alarm(AlarmID)
    case alarmHistory(AlarmHistoryID)
    case scalableTarget(ServiceID)
    case scalingPolicy(ScalingRuleID)
    case scheduledAction(ScalingRuleID)
    case scalingActivity(ScalingActivityID)
}

/// One stored record of any kind. A copy is one reference, whatever it holds.
public indirect enum Record: Hashable, Codable, Sendable {
    case installation(InstallationRecord)
    case cluster(ClusterRecord)
    case capacityProvider(CapacityProviderRecord)
    case family(FamilyRecord)
    case taskDefinition(TaskDefinitionRecord)
    case daemonTaskDefinition(DaemonTaskDefinitionRecord)
    case daemon(DaemonRecord)
    case daemonRevision(DaemonRevisionRecord)
    case daemonDeployment(DaemonDeploymentRecord)
    case service(ServiceRecord)
    case serviceRevision(ServiceRevisionRecord)
    case serviceDeployment(ServiceDeploymentRecord)
    case task(TaskRecord)
    case instance(ContainerInstanceRecord)
    case accessKey(AccessKeyRecord)
    case joinToken(JoinTokenRecord)
    case idempotency(IdempotencyRecord)
    case accountSetting(AccountSettingRecord)
    case usage(UsageRecord)
    case eventRule(EventRuleRecord)
    case eventDelivery(EventDeliveryRecord)
    case putEvents(PutEventsRecord)
    case eventCursor(EventCursorRecord)
    case loadBalancer(LoadBalancerRecord)
    case listener(ListenerRecord)
    case listenerRule(ListenerRuleRecord)
    case targetGroup(TargetGroupRecord)
    case target(TargetRecord)
    case certificate(CertificateRecord)
    case alarm(AlarmRecord)
    case alarmHistory(AlarmHistoryRecord)
    case scalableTarget(ScalableTargetRecord)
    case scalingPolicy(ScalingPolicyRecord)
    case scheduledAction(ScheduledActionRecord)
    case scalingActivity(ScalingActivityRecord)

    public var key: RecordKey {
        switch self {
        case .installation: .installation
        case .cluster(let record): .cluster(record.id)
        case .capacityProvider(let record): .capacityProvider(record.id)
        case .family(let record): .family(record.id)
        case .taskDefinition(let record): .taskDefinition(record.id)
        case .daemonTaskDefinition(let record): .daemonTaskDefinition(record.id)
        case .daemon(let record): .daemon(record.id)
        case .daemonRevision(let record): .daemonRevision(record.id)
        case .daemonDeployment(let record): .daemonDeployment(record.id)
        case .service(let record): .service(record.id)
        case .serviceRevision(let record): .serviceRevision(record.id)
        case .serviceDeployment(let record): .serviceDeployment(record.id)
        case .task(let record): .task(record.id)
        case .instance(let record): .instance(record.id)
        case .accessKey(let record): .accessKey(record.id)
        case .joinToken(let record): .joinToken(record.digest)
        case .idempotency(let record): .idempotency(record.scope, record.key)
        case .accountSetting(let record): .accountSetting(record.id)
        case .usage(let record): .usage(record.id)
        case .eventRule(let record): .eventRule(record.id)
        case .eventDelivery(let record): .eventDelivery(record.id)
        case .putEvents(let record): .putEvents(record.scope)
        case .eventCursor: .eventCursor
        case .loadBalancer(let record): .loadBalancer(record.id)
        case .listener(let record): .listener(record.id)
        case .listenerRule(let record): .listenerRule(record.id)
        case .targetGroup(let record): .targetGroup(record.id)
        case .target(let record): .target(record.id)
        case .certificate(let record): .certificate(record.id)
        case .alarm(let record): .alarm(record.id)
        case .alarmHistory(let record): .alarmHistory(record.id)
        case .scalableTarget(let record): .scalableTarget(record.service)
        case .scalingPolicy(let record): .scalingPolicy(record.id)
        case .scheduledAction(let record): .scheduledAction(record.id)
        case .scalingActivity(let record): .scalingActivity(record.id)
        }
    }
}

/// One record before and after a commit. `before` nil: it appeared; `after` nil: it went.
public struct Change: Hashable, Codable, Sendable {
    public var key: RecordKey
    public var before: Record?
    public var after: Record?

    public init(key: RecordKey, before: Record?, after: Record?) {
        self.key = key
        self.before = before
        self.after = after
    }
}

extension RecordKey {
    public var scope: WatchScope {
        switch self {
        case .cluster, .capacityProvider: .clusters
        case .family, .taskDefinition: .definitions
        case .daemon, .daemonRevision, .daemonDeployment, .daemonTaskDefinition: .daemons
        case .service, .serviceRevision, .serviceDeployment: .services
        case .task: .tasks
        case .instance: .instances
        case .usage: .usage
        case .eventRule, .putEvents, .eventCursor: .eventRules
        case .eventDelivery: .eventDeliveries
        case .loadBalancer, .listener, .listenerRule, .targetGroup, .certificate: .loadBalancers
        case .target: .targets
        case .alarm, .alarmHistory: .alarms
        case .scalableTarget, .scalingPolicy, .scheduledAction, .scalingActivity: .scaling
        case .installation, .accessKey, .joinToken, .idempotency, .accountSetting: .credentials
        }
    }
}
