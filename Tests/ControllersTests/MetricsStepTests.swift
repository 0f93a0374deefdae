import Domain
import Identifiers
import MetricStore
import StateStore
import TestKit
import Testing

@testable import Controllers

@Suite("The metrics step")
struct MetricsStepTests {
    private static let service = ServiceID(cluster: .test, name: "web")

    private static let state = StateSnapshot().applying { transaction in
        transaction.put(ClusterRecord(id: .test, createdAt: .test()))
        var task = TaskRecord.test("a").placed(on: "h").observed(.running)
        task.service = service
        transaction.put(task)
    }

    private static func use(at seconds: Int) -> TaskUse {
        var container = ContainerUse(name: "app")
        container.cpu = 128
        container.memory = 64
        return TaskUse(
            task: TaskID(cluster: .test, id: "a"), at: .test(seconds), seconds: 5, containers: [container])
    }

    /// The minutes of the task's time that the step tells of, when its snapshot is taken anew in these seconds.
    private static func told(resyncs: Set<Int>) -> Double {
        var step = MetricsStep(mark: nil)
        step.begin(with: state)
        var count = 0.0
        for second in 0...120 {
            if resyncs.contains(second) { step.begin(with: state) }
            let uses = second % 5 == 0 && second <= 60 ? [use(at: second)] : []
            let samples = step.tick(now: .test(second), uses: uses, seen: nil, state: state)
            count += samples.filter { $0.metric.name == "CPUUtilization" && $0.metric.dimensions.count == 2 }
                .map(\.statistics.count).reduce(0, +)
        }
        return count
    }

    @Test("tells all use also when changes were missed and records are counted anew")
    func resync() {
        let whole = Self.told(resyncs: [])
        #expect(whole > 1)
        #expect(Self.told(resyncs: [3, 17, 22, 43]) == whole)
    }
}
