public import Domain

/// What capacity costs, in one currency.
public struct PriceList: Hashable, Sendable {
    /// Linux on Fargate.
    public struct Fargate: Hashable, Sendable {
        public var vCPUHour: Double
        public var gbHour: Double

        public init(vCPUHour: Double, gbHour: Double) {
            self.vCPUHour = vCPUHour
            self.gbHour = gbHour
        }
    }

    public struct Instance: Hashable, Sendable {
        public var type: String
        public var architecture: ProcessorArchitecture
        /// Above 0.
        public var vCPUs: Double
        /// GiB; above 0.
        public var memory: Double
        public var hour: Double

        public init(
            type: String, architecture: ProcessorArchitecture, vCPUs: Double, memory: Double, hour: Double
        ) {
            self.type = type
            self.architecture = architecture
            self.vCPUs = vCPUs
            self.memory = memory
            self.hour = hour
        }
    }

    public var currency: String
    public var fargate: [ProcessorArchitecture: Fargate]
    /// GB of ephemeral storage beyond 20, for an hour.
    public var storageGBHour: Double
    /// The part of Fargate's price that FARGATE_SPOT takes off; 0 to 1.
    public var spotDiscount: Double
    public var instances: [Instance]
    /// One hour of one's own host.
    public var ownHostHour: Double

    public init(
        currency: String, fargate: [ProcessorArchitecture: Fargate], storageGBHour: Double, spotDiscount: Double,
        instances: [Instance], ownHostHour: Double
    ) {
        self.currency = currency
        self.fargate = fargate
        self.storageGBHour = storageGBHour
        self.spotDiscount = spotDiscount
        self.instances = instances
        self.ownHostHour = ownHostHour
    }

    /// AWS's published on-demand prices in us-east-1, and two assumptions: Spot's discount, which varies from hour to hour
    /// ("up to 70 %"), and own hosts that cost nothing.
    /// - Source: AWS Fargate pricing and Amazon EC2 on-demand pricing, US East (N. Virginia), Linux, 2025.
    public static let standard = PriceList(
        currency: "USD",
        fargate: [
            .x86: Fargate(vCPUHour: 0.04048, gbHour: 0.004445), .arm64: Fargate(vCPUHour: 0.03238, gbHour: 0.00356),
        ],
        storageGBHour: 0.000111, spotDiscount: 0.7,
        instances: [
            Instance(type: "m5.large", architecture: .x86, vCPUs: 2, memory: 8, hour: 0.096),
            Instance(type: "m6g.large", architecture: .arm64, vCPUs: 2, memory: 8, hour: 0.077),
        ],
        ownHostHour: 0)
}
