import StateStore

/// The operations of CloudWatch on metrics and alarms.
enum CloudWatchOperations {
    static func all(_ ports: FrontPorts) -> [Operation] {
        let (store, metrics) = (ports.store, ports.metrics)
        return [
            Operation(PutMetricData(metrics: metrics)), Operation(GetMetricData(metrics: metrics)),
            Operation(GetMetricStatistics(metrics: metrics)), Operation(ListMetrics(metrics: metrics)),
            Operation(PutMetricAlarm(store: store)), Operation(PutCompositeAlarm(store: store)),
            Operation(DescribeAlarms(store: store)), Operation(DescribeAlarmsForMetric(store: store)),
            Operation(DescribeAlarmHistory(store: store)), Operation(SetAlarmState(store: store)),
            Operation(DeleteAlarms(store: store)), Operation(EnableAlarmActions(store: store)),
            Operation(DisableAlarmActions(store: store)), Operation(TagAlarm(store: store)),
            Operation(UntagAlarm(store: store)), Operation(ListTagsOfAlarm(store: store)),
        ]
    }
}
