import CloudWatchShapes
import Domain
import Identifiers
import JSONBytes
import MetricMath

extension CloudWatchShapes.MetricAlarm {
    init(_ record: AlarmRecord, _ alarm: Domain.MetricAlarm) {
        self.init(
            alarmName: record.id.name, alarmArn: record.id.arn, alarmDescription: record.description,
            alarmConfigurationUpdatedTimestamp: record.configuredAt.wire, actionsEnabled: record.actionsEnabled,
            okActions: record.okActions, alarmActions: record.alarmActions,
            insufficientDataActions: record.insufficientDataActions, stateValue: record.state.rawValue,
            stateReason: record.stateReason, stateReasonData: record.stateReasonData,
            stateUpdatedTimestamp: record.stateUpdatedAt.wire, evaluationPeriods: alarm.evaluationPeriods,
            datapointsToAlarm: alarm.datapointsToAlarm, threshold: alarm.threshold,
            comparisonOperator: alarm.comparison.rawValue, treatMissingData: alarm.missingData?.rawValue,
            evaluateLowSampleCountPercentile: alarm.lowSampleCount,
            stateTransitionedTimestamp: record.stateTransitionedAt.wire)
        switch alarm.input {
        case .queries(let queries): metrics = queries.map(CloudWatchShapes.MetricDataQuery.init)
        case .stat(let stat):
            namespace = stat.metric.namespace
            metricName = stat.metric.name
            dimensions = stat.metric.wireDimensions
            period = stat.period
            unit = stat.unit?.rawValue
            if case .extended(let name) = stat.statistic {
                extendedStatistic = name
            } else {
                statistic = stat.statistic.name
            }
        }
    }
}

extension CloudWatchShapes.CompositeAlarm {
    init(_ record: AlarmRecord, _ alarm: Domain.CompositeAlarm) {
        self.init(
            actionsEnabled: record.actionsEnabled, alarmActions: record.alarmActions, alarmArn: record.id.arn,
            alarmConfigurationUpdatedTimestamp: record.configuredAt.wire, alarmDescription: record.description,
            alarmName: record.id.name, alarmRule: alarm.rule,
            insufficientDataActions: record.insufficientDataActions, okActions: record.okActions,
            stateReason: record.stateReason, stateReasonData: record.stateReasonData,
            stateUpdatedTimestamp: record.stateUpdatedAt.wire, stateValue: record.state.rawValue,
            stateTransitionedTimestamp: record.stateTransitionedAt.wire,
            actionsSuppressedBy: record.suppression?.cause.rawValue,
            actionsSuppressedReason: record.suppression.map { Self.reason($0, alarm) },
            actionsSuppressor: alarm.suppressor, actionsSuppressorWaitPeriod: alarm.suppressorWait,
            actionsSuppressorExtensionPeriod: alarm.suppressorExtension)
    }

    private static func reason(_ suppression: ActionsSuppression, _ alarm: Domain.CompositeAlarm) -> String {
        let suppressor = alarm.suppressor ?? ""
        return switch suppression.cause {
        case .alarm: "Actions suppressed by \(suppressor)"
        case .waitPeriod: "Waiting for \(suppressor) to go to ALARM"
        case .extensionPeriod: "Waiting after \(suppressor) left ALARM"
        }
    }
}

extension AlarmRecord {
    /// The alarm as DescribeAlarms shows it, as JSON.
    var wireJSON: String {
        let bytes =
            switch rule {
            case .metric(let alarm): CloudWatchShapes.MetricAlarm(self, alarm).jsonBytes()
            case .composite(let alarm): CloudWatchShapes.CompositeAlarm(self, alarm).jsonBytes()
            }
        return String(decoding: bytes, as: UTF8.self)
    }
}
