import Domain
import Identifiers

// The order of containers: who waits for whom when starting, and the reverse when stopping.
extension TaskRunnerStep {
    /// What is known of one dependency.
    private enum DependencyState { case met, open, impossible(String) }

    /// Whether every dependency of the container is met. One that never can be met fails the task.
    mutating func isUnblocked(_ index: Int, now: Instant) -> Bool {
        var isOpen = false
        for dependency in definition(index).dependencies {
            switch state(of: dependency, for: index, now: now) {
            case .met: continue
            case .open: isOpen = true
            case .impossible(let reason):
                slots[index].phase = .ended
                record.containers[index].hasEnded = true
                fail("TaskDependencyError: \(reason)", container: index)
                return false
            }
        }
        return !isOpen
    }

    private func state(of dependency: ContainerDependency, for index: Int, now: Instant) -> DependencyState {
        guard let target = self.index(named: dependency.container) else {
            return .impossible("no container is named [\(dependency.container)]")
        }
        let progress = record.containers[target]
        let names = "container ordering dependency [\(progress.name)] for target [\(record.containers[index].name)]"
        switch dependency.condition {
        case .start:
            if progress.hasRun { return .met }
        case .complete:
            if progress.hasEnded, progress.hasRun { return .met }
        case .success:
            if progress.hasEnded, progress.exitCode == 0 { return .met }
            if progress.hasEnded, let code = progress.exitCode {
                return .impossible("\(names) exited with code \(code)")
            }
        case .healthy:
            if progress.hasRun, progress.health == .healthy { return .met }
        }
        if progress.hasEnded { return .impossible("\(names) stopped before it was met") }
        if let limit = startDeadline(target), dependency.condition != .start, now >= limit {
            return .impossible("\(names) has timed out")
        }
        return .open
    }

    /// Until when dependants wait for this container's condition; nil when it has no limit or has not started.
    func startDeadline(_ index: Int) -> Instant? {
        guard let timeout = definition(index).startTimeout, timeout > 0, let started = slots[index].startedInstant,
            !record.containers[index].hasEnded
        else { return nil }
        return started.adding(.seconds(timeout))
    }

    /// Whether something that depends on the container may still have a process.
    func hasLiveDependants(_ index: Int) -> Bool {
        let name = record.containers[index].name
        return slots.indices.contains { other in
            other != index && slots[other].phase != .ended
                && definition(other).dependencies.contains { $0.container == name }
        }
    }
}

extension ContainerDefinition {
    /// What must be true of other containers first: what it depends on, and that those it is linked to run.
    fileprivate var dependencies: [ContainerDependency] {
        let linked = Set(links.map(\.container)).subtracting(dependsOn.map(\.container))
        return dependsOn + linked.sorted().map { ContainerDependency(container: $0, condition: .start) }
    }
}
