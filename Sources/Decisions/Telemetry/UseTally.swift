public import Domain
public import Identifiers

/// Makes metrics of what tasks use, as it is told.
///
/// Each use is spread over the time since its task's use before, in slots of five seconds: so every moment of a task counts
/// once, however often its agent speaks. A slot is told when what is about it should have come; what comes later is told
/// with the next second, and joins it in the store.
public struct UseTally: Sendable {
    /// Milliseconds. Shorter costs more samples; longer than the shortest period that alarms have (10 s) leaves holes.
    static let slot: Int64 = 5000
    /// Milliseconds after its end that a slot is told: an agent of ours speaks every five seconds.
    static let lag: Int64 = 7000
    /// Milliseconds; a task that was silent for longer was not told of in between.
    static let longestInterval: Int64 = 60_000

    private struct Line: Sendable {
        var task: UsedTask
        var lastAt: Int64
        var groups: [Int]
        var containers: [String: Int] = [:]
        var meter = TaskMeter()
    }

    private struct Group: Sendable {
        var key: UseGroup
        var lines = 0
        var slots: [Int64: SlotSums] = [:]
    }

    private var lines: [TaskID: Line] = [:]
    private var groups: [Int: Group] = [:]
    private var numbers: [UseGroup: Int] = [:]
    private var nextNumber = 0
    /// By the beginning of a slot: the groups that it has something of.
    private var open: [Int64: Set<Int>] = [:]
    private var sweptAt: Int64 = 0

    public init() {}

    /// Tasks that were told of within the last minute or two.
    public var taskCount: Int { lines.count }

    // MARK: Taking in

    /// - Parameter task: what is known of the task; asked for with its first use only. nil is a task that nobody knows.
    public mutating func take(_ use: TaskUse, task: () -> UsedTask?) {
        let at = use.at.milliseconds
        if lines[use.task] == nil {
            guard let known = task() else { return }
            lines[use.task] = begin(known, use)
        }
        guard var line = lines[use.task] else { return }
        let elapsed = at &- line.lastAt
        let growth = line.meter.grow(to: use)
        line.lastAt = at
        if elapsed > 0, elapsed <= Self.longestInterval {
            join(containers: use, &line)
            for (slot, share) in Self.slots(from: at - elapsed, to: at) {
                for number in line.groups { add(use, growth, line.task, number, slot, share, Double(elapsed)) }
                for container in use.containers {
                    if let number = line.containers[container.name] { add(container, line.task, number, slot, share) }
                }
            }
        }
        lines[use.task] = line
    }

    /// Forgets what is known of a cluster's tasks, so that it is asked for anew.
    public mutating func forget(_ cluster: ClusterID) {
        for id in lines.keys where id.cluster == cluster { remove(id) }
    }

    private mutating func begin(_ task: UsedTask, _ use: TaskUse) -> Line {
        let covered = Int64(min(max(use.seconds, 1), 20)) * 1000
        let line = Line(
            task: task, lastAt: use.at.milliseconds &- covered,
            groups: UseGroup.groups(of: task, use.task).map { number(of: $0) })
        for number in line.groups { groups[number]?.lines += 1 }
        return line
    }

    private mutating func join(containers use: TaskUse, _ line: inout Line) {
        guard line.task.insights == .enhanced else { return }
        for container in use.containers where line.containers[container.name] == nil {
            let number = number(of: .containerGroup(of: line.task, use.task, container: container.name))
            line.containers[container.name] = number
            groups[number]?.lines += 1
        }
    }

    private mutating func number(of group: UseGroup) -> Int {
        if let number = numbers[group] { return number }
        nextNumber += 1
        numbers[group] = nextNumber
        groups[nextNumber] = Group(key: group)
        return nextNumber
    }

    /// Each slot that the interval touches, with the milliseconds of it that lie in the interval.
    private static func slots(from: Int64, to: Int64) -> [(Int64, Double)] {
        var slots: [(Int64, Double)] = []
        var start = from - (from % slot + slot) % slot
        while start < to {
            slots.append((start, Double(min(to, start + slot) - max(from, start))))
            start += slot
        }
        return slots
    }

    mutating func edit(_ number: Int, _ slot: Int64, _ body: (UseGroup, inout SlotSums) -> Void) {
        guard let key = groups[number]?.key else { return }
        if groups[number]?.slots[slot] == nil { open[slot, default: []].insert(number) }
        body(key, &groups[number, default: Group(key: key)].slots[slot, default: SlotSums()])
    }

    // MARK: Telling

    /// What is due at `now`; also forgets the tasks that were silent for long.
    ///
    /// - Parameter capacity: of a cluster's container instances.
    public mutating func samples(now: Timestamp, capacity: (ClusterID) -> InstanceCapacity?) -> [MetricSample] {
        var samples: [MetricSample] = []
        let due = open.keys.filter { $0 + Self.slot + Self.lag <= now.milliseconds }.sorted()
        for slot in due {
            for number in (open.removeValue(forKey: slot) ?? []).sorted() {
                guard let sums = groups[number]?.slots.removeValue(forKey: slot), let key = groups[number]?.key else {
                    continue
                }
                samples += Self.samples(of: key, sums, at: Timestamp(milliseconds: slot), capacity)
                if groups[number]?.lines == 0, groups[number]?.slots.isEmpty == true { drop(number) }
            }
        }
        if now.milliseconds - sweptAt >= Self.longestInterval { sweep(now.milliseconds) }
        return samples
    }

    private mutating func sweep(_ now: Int64) {
        sweptAt = now
        for (id, line) in lines where (now - line.lastAt).magnitude > UInt64(Self.longestInterval) { remove(id) }
    }

    private mutating func remove(_ id: TaskID) {
        guard let line = lines.removeValue(forKey: id) else { return }
        for number in line.groups + line.containers.values {
            groups[number]?.lines -= 1
            if groups[number]?.lines == 0, groups[number]?.slots.isEmpty == true { drop(number) }
        }
    }

    private mutating func drop(_ number: Int) {
        if let key = groups.removeValue(forKey: number)?.key { numbers[key] = nil }
    }
}

/// What the container instances of a cluster have, and how many tasks run on them.
public struct InstanceCapacity: Hashable, Sendable {
    public var registered: Resources
    public var instances: Int
    public var runningTasks: Int

    public init(registered: Resources, instances: Int, runningTasks: Int) {
        self.registered = registered
        self.instances = instances
        self.runningTasks = runningTasks
    }
}
