import Domain
import Metering
import TestKit
import Testing

@Suite("What work costs")
struct WorkCostTests {
    static func group(_ capacity: UsageCapacity, _ architecture: ProcessorArchitecture = .x86) -> UsageGroup {
        UsageGroup(
            cluster: .test, owner: UsageOwner(.service, "web"), capacity: capacity, architecture: architecture)
    }

    /// Hours of vCPUs and GB, both as reserved and as Fargate's size; half a host.
    static func amount(vCPUs: Int64, gigabytes: Int64, hours: Int64 = 1) -> UsageAmount {
        var rate = UsageAmount()
        rate.cpu = vCPUs * 1024
        rate.memory = gigabytes * 1024
        rate.fargateCPU = rate.cpu
        rate.fargateMemory = rate.memory
        rate.host = UsageAmount.wholeHost / 2
        return rate.over(milliseconds: hours * 3_600_000)
    }

    @Test(
        "on Fargate is the list's price",
        arguments: [
            (UsageCapacity.fargate, ProcessorArchitecture.x86, 0.04048 * 2 + 0.004445 * 4),
            (.ec2, .x86, 0.04048 * 2 + 0.004445 * 4), (.fargate, .arm64, 0.03238 * 2 + 0.00356 * 4),
            (.fargateSpot, .x86, (0.04048 * 2 + 0.004445 * 4) * 0.3),
        ])
    func fargate(capacity: UsageCapacity, architecture: ProcessorArchitecture, expected: Double) {
        let cost = WorkCost(
            Self.amount(vCPUs: 2, gigabytes: 4), of: Self.group(capacity, architecture), at: .standard)
        #expect(abs(cost.fargate - expected) < 1e-12)
    }

    /// - Source: AWS's example of the smallest task, 0.0123425 USD per hour.
    @Test("is that of AWS's example")
    func example() {
        var rate = UsageAmount()
        rate.fargateCPU = 256
        rate.fargateMemory = 512
        rate.storage = 30
        let amount = rate.over(milliseconds: 730 * 3_600_000)
        let cost = WorkCost(amount, of: Self.group(.fargate), at: .standard)
        #expect(abs(cost.fargate - 730 * (0.012_342_5 + 30 * 0.000111)) < 1e-9)
    }

    @Test(
        "on EC2 goes by the larger share, on the cheapest type of its processor",
        arguments: [
            (Int64(2), Int64(2), 0.096, "m5.large"), (1, 16, 0.192, "m5.large"), (8, 16, 0.34, "c5.2xlarge"),
        ])
    func ec2(vCPUs: Int64, gigabytes: Int64, expected: Double, type: String) {
        var prices = PriceList.standard
        prices.instances += [
            PriceList.Instance(type: "c5.2xlarge", architecture: .x86, vCPUs: 8, memory: 16, hour: 0.34),
            PriceList.Instance(type: "free.arm", architecture: .arm64, vCPUs: 8, memory: 16, hour: 0),
        ]
        if vCPUs == 2 { prices.instances.removeAll { $0.type == "c5.2xlarge" } }
        let cost = WorkCost(Self.amount(vCPUs: vCPUs, gigabytes: gigabytes), of: Self.group(.ec2), at: prices)
        #expect(abs((cost.ec2 ?? 0) - expected) < 1e-12)
        #expect(cost.instanceType == type)
    }

    @Test("is unknown on EC2 without a type of its processor")
    func noType() {
        var prices = PriceList.standard
        prices.instances.removeAll { $0.architecture == .arm64 }
        let cost = WorkCost(Self.amount(vCPUs: 1, gigabytes: 1), of: Self.group(.fargate, .arm64), at: prices)
        #expect(cost.ec2 == nil)
        #expect(cost.instanceType == nil)
    }

    @Test("here is the share of the hosts, nothing unless a price is known")
    func here() {
        var prices = PriceList.standard
        let amount = Self.amount(vCPUs: 1, gigabytes: 1, hours: 10)
        #expect(WorkCost(amount, of: Self.group(.ec2), at: prices).here == 0)
        prices.ownHostHour = 0.2
        #expect(WorkCost(amount, of: Self.group(.ec2), at: prices).here == 1)
    }
}
