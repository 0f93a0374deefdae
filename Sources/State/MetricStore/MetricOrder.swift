import Domain

/// Metrics in the order of their ids. New ones are sorted in when somebody asks.
struct MetricOrder: Sendable {
    private var sorted: [MetricID] = []
    private var added: Set<MetricID> = []
    private var removed: Set<MetricID> = []

    mutating func insert(_ metric: MetricID) {
        if removed.remove(metric) == nil { added.insert(metric) }
    }

    mutating func remove(_ metric: MetricID) {
        if added.remove(metric) == nil { removed.insert(metric) }
    }

    /// Those after `metric`, in order.
    mutating func after(_ metric: MetricID?) -> ArraySlice<MetricID> {
        settle()
        guard let metric else { return sorted[...] }
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] > metric { high = middle } else { low = middle + 1 }
        }
        return sorted[low...]
    }

    private mutating func settle() {
        guard !added.isEmpty || !removed.isEmpty else { return }
        let new = added.sorted()
        var merged: [MetricID] = []
        merged.reserveCapacity(sorted.count + new.count)
        var next = 0
        for metric in sorted where !removed.contains(metric) {
            while next < new.count, new[next] < metric {
                merged.append(new[next])
                next += 1
            }
            merged.append(metric)
        }
        sorted = merged + new[next...]
        added = []
        removed = []
    }
}
