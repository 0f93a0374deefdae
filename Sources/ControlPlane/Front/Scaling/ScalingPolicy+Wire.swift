import AWSWire
import Domain
import Identifiers
import MetricMath
import Scaling
import ScalingShapes

extension ScalingPolicyRecord.Rule {
    static let stepScaling = "StepScaling"
    static let targetTracking = "TargetTrackingScaling"

    /// What a request says of a policy; nil where it says nothing, which keeps what there is.
    ///
    /// - Throws: `ValidationException`; `UnsupportedFeatureException` for predictive scaling.
    init?(_ request: ScalingShapes.PutScalingPolicyRequest, _ scope: Scope) throws(APIFault) {
        if request.policyType == "PredictiveScaling" || request.predictiveScalingPolicyConfiguration != nil {
            throw .unsupportedFeature(
                "PredictiveScalingPolicyConfiguration is not supported: predictive scaling is not built. Use "
                    + "TargetTrackingScaling or StepScaling.")
        }
        let (step, tracking) = (
            request.stepScalingPolicyConfiguration, request.targetTrackingScalingPolicyConfiguration
        )
        if step != nil, tracking != nil || request.policyType == Self.targetTracking {
            throw .validation("StepScalingPolicyConfiguration is only for PolicyType StepScaling.")
        }
        if tracking != nil, request.policyType == Self.stepScaling {
            throw .validation("TargetTrackingScalingPolicyConfiguration is only for PolicyType TargetTrackingScaling.")
        }
        if let step {
            self = .stepScaling(try StepScalingPolicy(step))
        } else if let tracking {
            self = .targetTracking(try TargetTrackingPolicy(tracking, scope))
        } else if request.policyType != nil {
            throw .validation("PolicyType \(request.policyType ?? "") needs its configuration.")
        } else {
            return nil
        }
    }
}

extension StepScalingPolicy {
    fileprivate init(_ shape: ScalingShapes.StepScalingPolicyConfiguration) throws(APIFault) {
        guard let adjustment = shape.adjustmentType.flatMap(Adjustment.init) else {
            throw .validation("AdjustmentType must be ChangeInCapacity, PercentChangeInCapacity or ExactCapacity.")
        }
        self.init(
            adjustment: adjustment,
            steps: (shape.stepAdjustments ?? []).map {
                Step(
                    lower: $0.metricIntervalLowerBound, upper: $0.metricIntervalUpperBound,
                    adjustment: $0.scalingAdjustment ?? 0)
            })
        minimumMagnitude = shape.minAdjustmentMagnitude
        cooldown = shape.cooldown
        aggregation = shape.metricAggregationType
        if let fault = fault() { throw .validation(fault) }
    }
}

extension TargetTrackingPolicy {
    fileprivate init(
        _ shape: ScalingShapes.TargetTrackingScalingPolicyConfiguration, _ scope: Scope
    ) throws(APIFault) {
        let target = shape.targetValue ?? 0
        // AWS's own bounds.
        guard (8.515920e-109...1.174271e108).contains(target) else {
            throw .validation("TargetValue must be above 0, within 8.515920e-109 and 1.174271e+108, got \(target).")
        }
        switch (shape.predefinedMetricSpecification, shape.customizedMetricSpecification) {
        case (let predefined?, nil): self.init(metric: try Metric(predefined), target: target)
        case (nil, let own?): self.init(metric: try Metric(own, scope), target: target)
        default:
            throw .validation(
                "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified.")
        }
        for (name, seconds) in [
            ("ScaleOutCooldown", shape.scaleOutCooldown), ("ScaleInCooldown", shape.scaleInCooldown),
        ] {
            guard let seconds, seconds < 0 else { continue }
            throw .validation("\(name) must be 0 or more, got \(seconds).")
        }
        scaleOutCooldown = shape.scaleOutCooldown
        scaleInCooldown = shape.scaleInCooldown
        disablesScaleIn = shape.disableScaleIn ?? false
    }
}

extension TargetTrackingPolicy.Metric {
    fileprivate init(_ shape: ScalingShapes.PredefinedMetricSpecification) throws(APIFault) {
        let type = shape.predefinedMetricType ?? ""
        switch (type, shape.resourceLabel) {
        case ("ECSServiceAverageCPUUtilization", nil): self = .averageCPU
        case ("ECSServiceAverageMemoryUtilization", nil): self = .averageMemory
        case ("ALBRequestCountPerTarget", let label?):
            guard ResourceLabel(label) != nil else {
                throw .validation("ResourceLabel '\(label.prefix(300))' must be app/LB/ID/targetgroup/TG/ID.")
            }
            self = .requestCountPerTarget(label: label)
        case ("ALBRequestCountPerTarget", nil):
            throw .validation("ResourceLabel is required for the predefined metric ALBRequestCountPerTarget.")
        case ("ECSServiceAverageCPUUtilization", _), ("ECSServiceAverageMemoryUtilization", _):
            throw .validation("ResourceLabel is only for the predefined metric ALBRequestCountPerTarget.")
        default:
            throw .validation("The predefined metric \(type) is not one of service namespace ecs.")
        }
    }

    fileprivate init(_ shape: ScalingShapes.CustomizedMetricSpecification, _ scope: Scope) throws(APIFault) {
        if let queries = shape.metrics?.nonEmpty {
            guard shape.metricName == nil, shape.namespace == nil, shape.statistic == nil, shape.dimensions == nil,
                shape.unit == nil
            else { throw .validation("Metrics cannot be combined with MetricName, Namespace or other members.") }
            self = .queries(try Self.queries(queries, scope))
            return
        }
        guard let name = shape.metricName, let namespace = shape.namespace, let text = shape.statistic,
            let statistic = MetricStatistic(name: text)
        else { throw .validation("MetricName, Namespace and Statistic are required for a customized metric.") }
        let dimensions = (shape.dimensions ?? []).map { KeyValue(key: $0.name ?? "", value: $0.value ?? "") }
        self = .custom(
            MetricStat(
                metric: MetricID(scope: scope, namespace: namespace, name: name, dimensions: dimensions),
                period: TrackingAlarms.standardPeriod, statistic: statistic, unit: try Self.unit(shape.unit)))
    }

    private static func queries(
        _ shapes: [ScalingShapes.TargetTrackingMetricDataQuery], _ scope: Scope
    ) throws(APIFault) -> [MetricQuery] {
        var queries: [MetricQuery] = []
        for shape in shapes {
            let source: MetricQuery.Source
            switch (shape.expression, shape.metricStat) {
            case (let expression?, nil): source = .expression(expression)
            case (nil, let stat?):
                guard let metric = stat.metric, let name = metric.metricName, let namespace = metric.namespace,
                    let statistic = stat.stat.flatMap(MetricStatistic.init(name:))
                else { throw .validation("MetricStat of '\(shape.id ?? "")' needs a Metric and a Stat.") }
                let dimensions = (metric.dimensions ?? []).map { KeyValue(key: $0.name ?? "", value: $0.value ?? "") }
                source = .stat(
                    MetricStat(
                        metric: MetricID(scope: scope, namespace: namespace, name: name, dimensions: dimensions),
                        period: TrackingAlarms.standardPeriod, statistic: statistic, unit: try unit(stat.unit)))
            default:
                throw .validation("Each of Metrics needs either an Expression or a MetricStat: '\(shape.id ?? "")'.")
            }
            queries.append(
                MetricQuery(
                    id: shape.id ?? "", source: source, label: shape.label, returnsData: shape.returnData ?? true))
        }
        guard Set(queries.map(\.id)).count == queries.count else {
            throw .validation("The Ids of Metrics must be unique.")
        }
        guard queries.count(where: \.returnsData) == 1 else {
            throw .validation("Exactly one of Metrics must have ReturnData true.")
        }
        do throws(MetricMathError) { _ = try MetricMath(queries) } catch { throw .validation(error.message) }
        return queries
    }

    private static func unit(_ text: String?) throws(APIFault) -> MetricUnit? {
        guard let text else { return nil }
        guard let unit = MetricUnit(rawValue: text) else {
            throw .validation("Unit '\(text.prefix(100))' is not one of CloudWatch's.")
        }
        return unit
    }
}

// MARK: Answers

extension ScalingShapes.ScalingPolicy {
    init(_ policy: ScalingPolicyRecord, alarms: [AlarmID]) {
        self.init(
            policyARN: policy.arn, policyName: policy.id.name, serviceNamespace: ScalingResource.namespace,
            resourceId: policy.id.service.scalingResource, scalableDimension: ScalingResource.dimension)
        switch policy.rule {
        case .stepScaling(let step):
            policyType = ScalingPolicyRecord.Rule.stepScaling
            stepScalingPolicyConfiguration = ScalingShapes.StepScalingPolicyConfiguration(step)
        case .targetTracking(let tracking):
            policyType = ScalingPolicyRecord.Rule.targetTracking
            targetTrackingScalingPolicyConfiguration = ScalingShapes.TargetTrackingScalingPolicyConfiguration(tracking)
        }
        self.alarms = alarms.map { ScalingShapes.Alarm(alarmName: $0.name, alarmARN: $0.arn) }
        creationTime = policy.createdAt.wire
    }
}

extension ScalingShapes.StepScalingPolicyConfiguration {
    fileprivate init(_ policy: StepScalingPolicy) {
        self.init(
            adjustmentType: policy.adjustment.rawValue,
            stepAdjustments: policy.steps.map {
                ScalingShapes.StepAdjustment(
                    metricIntervalLowerBound: $0.lower, metricIntervalUpperBound: $0.upper,
                    scalingAdjustment: $0.adjustment)
            },
            minAdjustmentMagnitude: policy.minimumMagnitude, cooldown: policy.cooldown,
            metricAggregationType: policy.aggregation)
    }
}

extension ScalingShapes.TargetTrackingScalingPolicyConfiguration {
    fileprivate init(_ policy: TargetTrackingPolicy) {
        self.init(targetValue: policy.target)
        switch policy.metric {
        case .averageCPU:
            predefinedMetricSpecification = .init(predefinedMetricType: "ECSServiceAverageCPUUtilization")
        case .averageMemory:
            predefinedMetricSpecification = .init(predefinedMetricType: "ECSServiceAverageMemoryUtilization")
        case .requestCountPerTarget(let label):
            predefinedMetricSpecification = .init(
                predefinedMetricType: "ALBRequestCountPerTarget", resourceLabel: label)
        case .custom(let stat):
            customizedMetricSpecification = .init(
                metricName: stat.metric.name, namespace: stat.metric.namespace,
                dimensions: stat.metric.dimensions.map { .init(name: $0.key, value: $0.value) }.nonEmpty,
                statistic: stat.statistic.name, unit: stat.unit?.rawValue)
        case .queries(let queries):
            customizedMetricSpecification = .init(
                metrics: queries.map(ScalingShapes.TargetTrackingMetricDataQuery.init))
        }
        scaleOutCooldown = policy.scaleOutCooldown
        scaleInCooldown = policy.scaleInCooldown
        disableScaleIn = policy.disablesScaleIn
    }
}

extension ScalingShapes.TargetTrackingMetricDataQuery {
    fileprivate init(_ query: MetricQuery) {
        self.init(id: query.id, label: query.label, returnData: query.returnsData)
        switch query.source {
        case .expression(let text): expression = text
        case .stat(let stat):
            metricStat = .init(
                metric: .init(
                    dimensions: stat.metric.dimensions.map { .init(name: $0.key, value: $0.value) }.nonEmpty,
                    metricName: stat.metric.name, namespace: stat.metric.namespace),
                stat: stat.statistic.name, unit: stat.unit?.rawValue)
        }
    }
}
