import Domain
import Identifiers
import StateStore

/// Small records for the suite; only what a check names differs between them.
enum Sample {
    static let scope = Scope(account: "000000000000", region: "us-east-1")
    static let cluster = ClusterID(scope: scope, name: "default")
    static let web = ServiceID(cluster: cluster, name: "web")
    static let family = FamilyID(scope: scope, name: "app")
    static let host = ContainerInstanceID(scope: scope, id: "host1")

    static func task(_ id: String, of service: ServiceID? = nil, on host: ContainerInstanceID? = nil) -> TaskRecord {
        var task = TaskRecord(
            id: TaskID(cluster: service?.cluster ?? cluster, id: id),
            definition: TaskDefinitionID(family: family, revision: 1), containers: [],
            createdAt: Timestamp(milliseconds: 1), launchType: .fargate, reservation: .zero, networkMode: .awsvpc,
            group: "g")
        task.service = service
        task.placement = host.map { TaskPlacement(instance: $0, placedAt: Timestamp(milliseconds: 2)) }
        return task
    }

    static func service(_ id: ServiceID, desired: Int = 1) -> ServiceRecord {
        ServiceRecord(
            id: id, taskDefinition: TaskDefinitionID(family: family, revision: 1), desiredCount: desired,
            launchType: .fargate, configuration: DeploymentConfiguration(), deployments: [],
            createdAt: Timestamp(milliseconds: 1), createdBy: "root")
    }

    static func revision(_ number: String, of service: ServiceID) -> ServiceRevisionRecord {
        ServiceRevisionRecord(
            id: ServiceRevisionID(service: service, number: number), of: deployment,
            images: [ServiceRevisionRecord.Image(container: "app", image: "demo")])
    }

    static func serviceDeployment(
        _ id: String, of service: ServiceID, _ status: ServiceDeploymentStatus = .pending
    ) -> ServiceDeploymentRecord {
        var record = ServiceDeploymentRecord(
            id: ServiceDeploymentID(service: service, id: id), deployment: deployment,
            target: ServiceRevisionID(service: service, number: "1"), sources: [],
            configuration: DeploymentConfiguration(),
            breaker: ServiceDeploymentRecord.Breaker(status: .disabled, threshold: 3))
        record.status = status
        return record
    }

    private static let deployment = DeploymentRecord(
        id: DeploymentID(rawValue: "ecs-svc/1"), taskDefinition: TaskDefinitionID(family: family, revision: 1),
        createdAt: Timestamp(milliseconds: 1), launchType: .fargate)

    static func cluster(_ name: String) -> ClusterRecord {
        ClusterRecord(id: ClusterID(scope: scope, name: name), createdAt: Timestamp(milliseconds: 1))
    }

    static func provider(_ name: String) -> CapacityProviderRecord {
        CapacityProviderRecord(
            id: CapacityProviderID(scope: scope, name: name), createdAt: Timestamp(milliseconds: 1),
            autoScalingGroup: "group-\(name)")
    }

    static func instance(_ id: String, in cluster: ClusterID?) -> ContainerInstanceRecord {
        ContainerInstanceRecord(
            id: ContainerInstanceID(scope: scope, id: id), cluster: cluster,
            launchType: cluster == nil ? .fargate : .ec2, resources: .zero, registeredAt: Timestamp(milliseconds: 1))
    }

    static let agent = DaemonID(cluster: cluster, name: "agent")
    static let agentDefinition = TaskDefinitionID(
        family: FamilyID(scope: scope, kind: .daemon, name: "app"), revision: 1)
    static let agentRevision = DaemonRevisionID(daemon: agent, number: "1000000000000000001")

    /// A daemon with everything that belongs to it.
    static var daemon: [Record] {
        let time = Timestamp(milliseconds: 1)
        let deployment = DaemonDeploymentID(daemon: agent, id: "d1")
        return [
            .family(FamilyRecord(id: agentDefinition.family, latestRevision: 1)),
            .daemonTaskDefinition(
                DaemonTaskDefinitionRecord(
                    id: agentDefinition, definition: TaskDefinition(containers: []), registeredAt: time,
                    registeredBy: "root")),
            .daemon(
                DaemonRecord(
                    id: agent, revision: agentRevision, deployment: deployment, createdAt: time, createdBy: "root")),
            .daemonRevision(
                DaemonRevisionRecord(
                    id: agentRevision, definition: agentDefinition, capacityProviders: ["own"], createdAt: time)),
            .daemonDeployment(
                DaemonDeploymentRecord(
                    id: deployment, target: agentRevision, configuration: DaemonDeploymentConfiguration(),
                    createdAt: time)),
        ]
    }

    static let rule = EventRuleID(scope: scope, name: "night.1")

    static func rule(_ state: EventRuleState = .enabled) -> EventRuleRecord {
        var record = EventRuleRecord(id: rule, createdAt: Timestamp(milliseconds: 1))
        record.pattern = #"{"source":["aws.ecs"]}"#
        record.state = state
        var target = EventTarget(id: "run", arn: cluster.arn)
        target.transformer = InputTransformer(paths: ["id": "$.id"], template: "<id>")
        target.tasks = EventTaskParameters(taskDefinition: "app")
        target.tasks?.network = NetworkConfiguration(subnets: ["s"])
        var address = EventTarget(id: "tell", arn: "http://a/*")
        address.http = EventHTTPParameters(pathValues: ["x"], headers: ["h": "v"], query: ["q": "v"])
        record.targets = [target, address]
        return record
    }

    static func delivery(_ event: String, to target: String = "run", due: Int64 = 1) -> EventDeliveryRecord {
        var record = EventDeliveryRecord(
            id: EventDeliveryID(target: EventTargetID(rule: rule, id: target), event: event), input: "{}",
            createdAt: Timestamp(milliseconds: 1))
        record.dueAt = Timestamp(milliseconds: due)
        return record
    }

    static let loadBalancer = LoadBalancerID(scope: scope, kind: .application, name: "web", suffix: "0a")
    static let listener = ListenerID(loadBalancer: loadBalancer, suffix: "0b")

    static func targetGroup(_ name: String) -> TargetGroupRecord {
        TargetGroupRecord(
            id: TargetGroupID(scope: scope, name: name, suffix: "0c"), type: .ip, protocol: .http,
            protocolVersion: .http1, port: 80, vpc: "vpc-1",
            healthCheck: TargetHealthCheck(
                protocol: .http, port: nil, path: "/", interval: 30, timeout: 5, healthyThreshold: 5,
                unhealthyThreshold: 2, matcher: "200"), createdAt: Timestamp(milliseconds: 1))
    }

    static func listenerRule(
        _ suffix: String, priority: Int, to groups: [TargetGroupID]
    ) -> ListenerRuleRecord {
        ListenerRuleRecord(
            id: ListenerRuleID(listener: listener, suffix: suffix), priority: priority,
            conditions: [
                .hostHeader(["a"]), .path(["/*"]), .httpHeader(name: "h", values: ["v"]),
                .queryString([RuleCondition.QueryPair(key: nil, value: "q")]), .method(["GET"]),
                .sourceIP(["10.0.0.0/8"]),
            ],
            actions: [
                RuleAction(
                    .forward(ForwardAction(groups: groups.map { .init(group: $0, weight: 1) }, stickiness: 60)),
                    order: 1)
            ], createdAt: Timestamp(milliseconds: 1))
    }

    /// A load balancer with everything that belongs to it.
    static var balancing: [Record] {
        let time = Timestamp(milliseconds: 1)
        let (web, api) = (targetGroup("web"), targetGroup("api"))
        var certificate = CertificateRecord(
            id: CertificateID(scope: scope, id: "c"), certificate: "PEM", chain: nil, privateKey: SecretText("key"),
            facts: CertificateFacts(
                domain: "a", alternativeNames: ["a"], subject: "CN=a", issuer: "CN=a", serial: "01", notBefore: time,
                notAfter: time, keyAlgorithm: "RSA-2048", signatureAlgorithm: "SHA256WITHRSA"), createdAt: time)
        certificate.tags = [KeyValue(key: "k", value: "v")]
        var listener = ListenerRecord(
            id: listener, port: 443, protocol: .https,
            defaultActions: [
                RuleAction(.forward(ForwardAction(groups: [.init(group: web.id, weight: 1)])))
            ], defaultRule: "0d", createdAt: time)
        listener.certificates = [certificate.id]
        listener.sslPolicy = "policy"
        listener.alpnPolicy = .http2Only
        var target = TargetRecord(
            id: TargetID(group: web.id, id: "10.0.0.1", port: 80), zone: "all", registeredAt: time)
        target.drainingSince = time
        var redirecting = listenerRule("0e", priority: 7, to: [])
        redirecting.actions = [
            RuleAction(
                .redirect(
                    RedirectAction(
                        protocol: "HTTPS", host: "#{host}", port: "443", path: "/#{path}", query: "#{query}",
                        isPermanent: true)))
        ]
        var fixed = listenerRule("0f", priority: 8, to: [])
        fixed.actions = [RuleAction(.fixedResponse(FixedResponseAction(status: 404, body: "no")))]
        return [
            .loadBalancer(
                LoadBalancerRecord(
                    id: loadBalancer, scheme: .internal, createdAt: time, subnets: ["s"], securityGroups: ["g"],
                    addressIndex: 3)),
            .listener(listener), .listenerRule(listenerRule("0a", priority: 9, to: [api.id, web.id])),
            .listenerRule(redirecting), .listenerRule(fixed), .targetGroup(api), .targetGroup(web),
            .target(target), .certificate(certificate),
        ]
    }

    static var monitoring: [Record] {
        let time = Timestamp(milliseconds: 1)
        let metric = MetricID(
            scope: scope, namespace: "AWS/ECS", name: "CPUUtilization",
            dimensions: [KeyValue(key: "ServiceName", value: "web"), KeyValue(key: "ClusterName", value: "c")])
        let stat = MetricStat(metric: metric, period: 60, statistic: .extended("p99"), unit: .percent)
        var rule = MetricAlarm(
            input: .queries([
                MetricQuery(id: "m1", source: .stat(stat), returnsData: false),
                MetricQuery(id: "e1", source: .expression("m1 * 2"), label: "twice", period: 60),
            ]), comparison: .greater, threshold: 75.5, evaluationPeriods: 3)
        rule.missingData = .notBreaching
        rule.datapointsToAlarm = 2
        var alarm = AlarmRecord(
            id: AlarmID(scope: scope, name: "TargetTracking-service/c/web"), rule: .metric(rule), createdAt: time)
        alarm.alarmActions = ["arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:p"]
        alarm.state = .alarm
        alarm.stateReasonData = "{}"
        let composite = AlarmRecord(
            id: AlarmID(scope: scope, name: "both"), rule: .composite(CompositeAlarm(rule: "ALARM(a)")),
            createdAt: time)
        let history = AlarmHistoryRecord(
            id: AlarmHistoryID(alarm: alarm.id, time: time, number: 1), kind: .stateUpdate, isComposite: false,
            summary: "Alarm updated from OK to ALARM", data: "{}")
        return [.alarm(alarm), .alarm(composite), .alarmHistory(history)]
    }

    static var scaling: [Record] {
        let time = Timestamp(milliseconds: 1)
        let service = ServiceID(cluster: ClusterID(scope: scope, name: "c"), name: "web")
        var target = ScalableTargetRecord(service: service, minimum: 1, maximum: 9, arnID: "0ec5", createdAt: time)
        target.suspension.scaleIn = true
        var tracking = TargetTrackingPolicy(
            metric: .requestCountPerTarget(label: "app/a/1/targetgroup/b/2"), target: 50)
        tracking.scaleInCooldown = 60
        var first = ScalingPolicyRecord(
            id: ScalingRuleID(service: service, name: "track"), arnID: "p1", rule: .targetTracking(tracking),
            createdAt: time)
        first.ownAlarms = [AlarmID(scope: scope, name: "TargetTracking-service/c/web")]
        first.lastScaling = PolicyScaling(at: time, change: -1)
        let steps = StepScalingPolicy(
            adjustment: .percentChangeInCapacity, steps: [.init(lower: 0, upper: nil, adjustment: 50)])
        let second = ScalingPolicyRecord(
            id: ScalingRuleID(service: service, name: "steps"), arnID: "p2", rule: .stepScaling(steps),
            createdAt: time)
        var action = ScheduledActionRecord(
            id: ScalingRuleID(service: service, name: "night"), arnID: "a1", schedule: "cron(0 22 * * ? *)",
            createdAt: time)
        action.minimum = 1
        action.timezone = "Europe/Berlin"
        var activity = ScalingActivityRecord(
            id: ScalingActivityID(service: service, startedAt: time, id: "u1"),
            description: "Setting desired count to 4.", cause: "minimum capacity was set to 4", status: .successful)
        activity.notScaled = [.init(code: "AlreadyAtMaxCapacity", maximum: 4, current: 4)]
        activity.desired = 4
        return [
            .scalableTarget(target), .scalingPolicy(first), .scalingPolicy(second), .scheduledAction(action),
            .scalingActivity(activity),
        ]
    }

    static func accountSetting(_ name: String, _ value: String) -> AccountSettingRecord {
        AccountSettingRecord(
            id: AccountSettingID(scope: scope, name: name, principal: "arn:aws:iam::000000000000:user/team/a"),
            value: value)
    }

    static func family(_ name: String, latest: Int) -> FamilyRecord {
        FamilyRecord(id: FamilyID(scope: scope, name: name), latestRevision: latest)
    }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension StateSnapshot {
    /// Every record, to compare whole states.
    var allRecords: [Record] {
        var records: [Record] = []
        forEachRecord { records.append($0) }
        return records
    }
}
