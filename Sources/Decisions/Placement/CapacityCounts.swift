public import Domain

/// How many new tasks go to one provider.
public struct CapacityShare: Hashable, Sendable {
    /// nil when tasks are asked for by launch type.
    public var provider: String?
    public var count: Int

    public init(provider: String?, count: Int) {
        self.provider = provider
        self.count = count
    }
}

/// How tasks are spread over the providers of a strategy, and who is next to get or to give up one.
///
/// A base is filled first and kept longest. Beyond it tasks are divided by the weights: of n tasks every provider has its
/// share, rounded to a whole task. Ties go to the earlier item, so equal counts give equal answers.
public struct CapacityCounts: Sendable {
    private let strategy: [CapacityProviderItem]
    private var counts: [String: Int] = [:]

    /// - Parameter tasks: those that the strategy counts, such as the live ones of a deployment.
    public init(_ strategy: [CapacityProviderItem], _ tasks: some Sequence<TaskRecord>) {
        self.strategy = strategy
        for case let provider? in tasks.lazy.map(\.capacityProvider) { counts[provider, default: 0] += 1 }
    }

    /// Counts one new task in: the provider that it goes to, or nil when there is no strategy.
    public mutating func next() -> String? {
        guard let item = wanting else { return nil }
        counts[item.provider, default: 0] += 1
        return item.provider
    }

    private var wanting: CapacityProviderItem? {
        if let base = strategy.first(where: { count(of: $0) < $0.base }) { return base }
        let weighted = strategy.filter { $0.weight > 0 }
        guard var best = weighted.first else { return strategy.first { $0.base > 0 } ?? strategy.first }
        for item in weighted.dropFirst() where quotient(item, adding: 1) < quotient(best, adding: 1) { best = item }
        return best
    }

    /// Divides `count` new tasks, in order of the strategy; one share without a provider when there is no strategy.
    public mutating func divide(_ count: Int) -> [CapacityShare] {
        guard !strategy.isEmpty else { return count > 0 ? [CapacityShare(provider: nil, count: count)] : [] }
        var shares: [String: Int] = [:]
        for _ in 0..<max(0, count) {
            if let provider = next() { shares[provider, default: 0] += 1 }
        }
        return strategy.compactMap { item in
            shares[item.provider].map { CapacityShare(provider: item.provider, count: $0) }
        }
    }

    /// How far a provider is above its share, for its weight: the greatest gives up a task first, a base last.
    public func surplus(of provider: String?) -> Double {
        guard strategy.count > 1 else { return 0 }
        guard let item = strategy.first(where: { $0.provider == provider }) else { return .infinity }
        if count(of: item) <= item.base { return -1 }
        return item.weight > 0 ? quotient(item, adding: 0) : .infinity
    }

    /// Counts a task out.
    public mutating func remove(_ provider: String?) {
        if let provider, let count = counts[provider], count > 0 { counts[provider] = count - 1 }
    }

    private func count(of item: CapacityProviderItem) -> Int { counts[item.provider] ?? 0 }

    /// Tasks beyond the base, and `more` of them, for each unit of weight.
    private func quotient(_ item: CapacityProviderItem, adding more: Int) -> Double {
        Double(count(of: item) - item.base + more) / Double(item.weight)
    }
}
