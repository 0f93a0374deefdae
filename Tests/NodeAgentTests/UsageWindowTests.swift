import AgentWire
import Identifiers
import TaskRuntime
import Testing

@testable import NodeAgent

@Suite("Use of containers, sample by sample")
struct UsageWindowTests {
    /// Cores in use over each second, and MiB at its end.
    private func window(_ seconds: [(cores: Double, memory: UInt64)]) -> UsageWindow {
        var window = UsageWindow()
        var statistics = ContainerStatistics(cpuNanoseconds: 7, memoryBytes: 0)
        window.add(["web": statistics], now: .zero)
        for (number, second) in seconds.enumerated() {
            statistics.cpuNanoseconds += UInt64(second.cores * 1e9)
            statistics.memoryBytes = second.memory * 1_048_576
            statistics.receivedBytes = UInt64(number + 1) * 100
            window.add(["web": statistics], now: .zero.adding(.seconds(number + 1)))
        }
        return window
    }

    @Test("every second counts, with the least and the most of them")
    func summed() throws {
        var window = window([(0.5, 10), (2, 30), (0, 20)])
        let use = try #require(window.take()["web"])
        #expect(use.cpuPercent.sampleCount == 3)
        #expect(use.cpuPercent.sum == 250)
        #expect(use.cpuPercent.min == 0)
        #expect(use.cpuPercent.max == 200)
        #expect(use.memoryMiB.sampleCount == 3)
        #expect(use.memoryMiB.sum == 60)
        #expect(use.memoryMiB.min == 10)
        #expect(use.memoryMiB.max == 30)
        #expect(use.network?.rxBytes?.max == 300)
        #expect(use.storage == nil)
    }

    @Test("what was told is not told again")
    func told() throws {
        var window = window([(1, 1)])
        _ = window.take()
        #expect(window.take().isEmpty)
        let later = ContainerStatistics(cpuNanoseconds: 1_500_000_007, memoryBytes: 0)
        window.add(["web": later], now: .zero.adding(.seconds(2)))
        #expect(try #require(window.take()["web"]).cpuPercent.sum == 50)
    }

    @Test("a first sample, and one after a counter began anew, only begin the count")
    func begun() {
        var window = window([])
        #expect(window.take().isEmpty)
        window.add(["web": ContainerStatistics(cpuNanoseconds: 3, memoryBytes: 0)], now: .zero.adding(.seconds(1)))
        #expect(window.take().isEmpty)
        window.add([:], now: .zero.adding(.seconds(2)))
        window.add(["web": ContainerStatistics(cpuNanoseconds: 9, memoryBytes: 0)], now: .zero.adding(.seconds(3)))
        #expect(window.take().isEmpty)
    }
}
