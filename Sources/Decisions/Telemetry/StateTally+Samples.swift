public import Domain
public import Identifiers

extension StateTally {
    /// What clusters and services are like at `time`.
    public func samples(at time: Timestamp) -> [MetricSample] {
        var samples: [MetricSample] = []
        for (id, cluster) in clusters {
            let place = GaugePlace(
                scope: id.scope, dimensions: [KeyValue(key: "ClusterName", value: id.name)], time: time)
            if cluster.instances > 0 { samples += place.reservations(of: cluster) }
            guard cluster.insights != .disabled else { continue }
            samples += [
                place.insight("ServiceCount", cluster.services),
                place.insight("TaskCount", cluster.running + cluster.pending),
                place.insight("ContainerInstanceCount", cluster.instances),
            ]
        }
        for (id, service) in services where service.isActive {
            guard let cluster = clusters[id.cluster], cluster.insights != .disabled else { continue }
            let dimensions = [
                KeyValue(key: "ClusterName", value: id.cluster.name), KeyValue(key: "ServiceName", value: id.name),
            ]
            let place = GaugePlace(scope: id.cluster.scope, dimensions: dimensions, time: time)
            samples += [
                place.insight("RunningTaskCount", service.running), place.insight("PendingTaskCount", service.pending),
                place.insight("DesiredTaskCount", service.desired),
                place.insight("DeploymentCount", service.deployments),
                place.insight("TaskSetCount", service.taskSets),
            ]
        }
        return samples
    }
}

/// Where gauges of one cluster or service are told.
private struct GaugePlace {
    var scope: Scope
    var dimensions: [KeyValue]
    var time: Timestamp

    func insight(_ name: String, _ value: Int) -> MetricSample {
        sample("ECS/ContainerInsights", name, .count, Double(value))
    }

    func reservations(of cluster: StateTally.Cluster) -> [MetricSample] {
        [
            percent("CPUReservation", cluster.reserved.cpu.value, of: cluster.registered.cpu.value),
            percent("MemoryReservation", cluster.reserved.memory.value, of: cluster.registered.memory.value),
        ].compactMap { $0 }
    }

    private func percent(_ name: String, _ part: Int, of whole: Int) -> MetricSample? {
        guard whole > 0 else { return nil }
        return sample("AWS/ECS", name, .percent, Weighted.rounded(Double(part) / Double(whole) * 100))
    }

    private func sample(_ namespace: String, _ name: String, _ unit: MetricUnit, _ value: Double) -> MetricSample {
        MetricSample(
            metric: MetricID(scope: scope, namespace: namespace, name: name, dimensions: dimensions), time: time,
            unit: unit, statistics: StatisticSet(value))
    }
}
