public import Domain

/// What the same work costs in three places.
public struct WorkCost: Hashable, Sendable {
    /// As tasks of the smallest Fargate size that holds each; at Spot's price where it ran as FARGATE_SPOT.
    public var fargate: Double
    /// On the instance type that is cheapest for it; nil when the list names none of its architecture.
    ///
    /// By the larger of the work's shares of vCPUs and memory, as if every instance were full all the time: the least that
    /// it could cost.
    public var ec2: Double?
    public var instanceType: String?
    /// Its share of the hosts that it ran on.
    public var here: Double

    public init(_ amount: UsageAmount, of group: UsageGroup, at prices: PriceList) {
        let quantities = UsageQuantities(amount)
        let price = prices.fargate[group.architecture] ?? PriceList.Fargate(vCPUHour: 0, gbHour: 0)
        let listed =
            quantities.fargateVCPUHours * price.vCPUHour + quantities.fargateGBHours * price.gbHour
            + quantities.storageGBHours * prices.storageGBHour
        fargate = group.capacity == .fargateSpot ? listed * (1 - prices.spotDiscount) : listed
        here = quantities.hostHours * prices.ownHostHour
        for instance in prices.instances where instance.architecture == group.architecture {
            let hours = max(quantities.vCPUHours / instance.vCPUs, quantities.gbHours / instance.memory)
            let cost = hours * instance.hour
            guard ec2.map({ cost < $0 }) ?? true else { continue }
            ec2 = cost
            instanceType = instance.type
        }
    }
}

/// An amount in the units that people read. GB are those of AWS's lists: 1,024 MiB.
public struct UsageQuantities: Hashable, Sendable {
    public var vCPUSeconds: Double
    public var gbSeconds: Double
    public var storageGBHours: Double
    public var fargateVCPUHours: Double
    public var fargateGBHours: Double
    public var hostHours: Double

    public init(_ amount: UsageAmount) {
        // Divided once: the quotient of whole numbers is the nearest there is.
        vCPUSeconds = Double(amount.cpu) / 1_024_000
        gbSeconds = Double(amount.memory) / 1_024_000
        storageGBHours = Double(amount.storage) / 3_600_000
        fargateVCPUHours = Double(amount.fargateCPU) / 3_686_400_000
        fargateGBHours = Double(amount.fargateMemory) / 3_686_400_000
        hostHours = Double(amount.host) / (Double(UsageAmount.wholeHost) * 3_600_000)
    }

    public var vCPUHours: Double { vCPUSeconds / 3600 }
    public var gbHours: Double { gbSeconds / 3600 }
}
