package import Domain
package import Identifiers

/// Which tasks run on the host and which wait for room, first come first served.
package struct HostAdmission: Sendable {
    private let capacity: Resources
    private var running: [TaskID: Resources] = [:]
    private var queue: [TaskAssignment] = []
    /// Tasks given up by the control plane that still have to end before anything new starts.
    private var leaving: Set<TaskID> = []
    /// Whether the control plane is being asked which tasks must go.
    private var isVerifying = false

    package init(capacity: Resources) { self.capacity = capacity }

    /// What a task takes: its own size, else the sum of its containers'.
    package static func demand(_ assignment: TaskAssignment) -> Resources {
        let definitions = assignment.containers.map(\.definition)
        let cpu = definitions.reduce(0) { $0 &+ max(0, $1.cpu.value) }
        let memory = definitions.reduce(0) { $0 &+ max(0, ($1.memoryReservation ?? $1.memory)?.value ?? 0) }
        return Resources(
            cpu: assignment.cpu ?? CPUUnits(cpu), memory: assignment.memory ?? MemoryMiB(memory))
    }

    /// Counts a task that runs already.
    package mutating func adopt(_ assignment: TaskAssignment) { running[assignment.task] = Self.demand(assignment) }

    package mutating func enqueue(_ assignment: TaskAssignment) { queue.append(assignment) }

    /// Takes a waiting task out; nil when it does not wait.
    package mutating func withdraw(_ task: TaskID) -> TaskAssignment? {
        guard let index = queue.firstIndex(where: { $0.task == task }) else { return nil }
        return queue.remove(at: index)
    }

    package mutating func ended(_ task: TaskID) {
        running[task] = nil
        leaving.remove(task)
    }

    package mutating func beginVerification() { isVerifying = true }

    package mutating func endVerification(stopping tasks: [TaskID]) {
        isVerifying = false
        leaving.formUnion(tasks.filter { running[$0] != nil })
    }

    var waiting: [TaskID] { queue.map(\.task) }

    /// The tasks that may start now, in the order they came. The first that does not fit holds back the rest, so that a
    /// large one is not starved; one larger than the whole host starts when nothing else runs, and fails by itself.
    package mutating func startable() -> [TaskAssignment] {
        guard !isVerifying, leaving.isEmpty else { return [] }
        var started: [TaskAssignment] = []
        while let first = queue.first, fits(Self.demand(first)) {
            queue.removeFirst()
            running[first.task] = Self.demand(first)
            started.append(first)
        }
        return started
    }

    private func fits(_ demand: Resources) -> Bool {
        if running.isEmpty { return true }
        let cpu = running.values.reduce(demand.cpu.value) { $0 &+ $1.cpu.value }
        let memory = running.values.reduce(demand.memory.value) { $0 &+ $1.memory.value }
        return cpu <= capacity.cpu.value && memory <= capacity.memory.value
    }
}
