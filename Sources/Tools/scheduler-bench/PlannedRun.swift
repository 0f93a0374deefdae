import Domain
import Identifiers
import Placement

/// Plans every task on one thread, in pieces as the placement step does, and writes nothing.
struct PlannedRun {
    private static let chunk = 90

    private let cluster: BenchCluster

    init(_ cluster: BenchCluster) { self.cluster = cluster }

    func measure() -> Measurement {
        let hosts = cluster.hostRecords()
        var tasks = cluster.taskRecords()[...]
        let empty = residentBytes()
        var snapshot = PlacementSnapshot(
            hosts: hosts.map { PlacementHost(record: $0, isConnected: true, tasks: []) })
        let filled = residentBytes()
        var random = SeededGenerator(seed: 3)
        var measurement = Measurement(placed: 0)
        var timer = TenthTimer(tasks: tasks.count)
        while !tasks.isEmpty {
            measurement.placed += snapshot.plan(tasks.prefix(Self.chunk), using: &random).placements.count
            tasks = tasks.dropFirst(Self.chunk)
            timer.reached(cluster.tasks - tasks.count)
        }
        measurement.tenths = timer.processor
        measurement.processor = timer.processor
        measurement.bytesPerHost = (filled - empty) / cluster.hosts
        measurement.bytesPerTask = (residentBytes() - filled) / cluster.tasks
        return withExtendedLifetime(snapshot) { measurement }
    }
}
