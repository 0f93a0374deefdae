/// The sizes that managed capacity offers.
/// - Source: Amazon ECS Developer Guide, "Fargate task definition differences", task CPU and memory.
public enum FargateSize {
    /// CPU units with the memory, in MiB, that goes with them: from, to, in steps of.
    private static let table: [(cpu: Int, least: Int, most: Int, step: Int)] = [
        (256, 512, 1024, 512), (256, 1024, 2048, 1024), (512, 1024, 4096, 1024), (1024, 2048, 8192, 1024),
        (2048, 4096, 16_384, 1024), (4096, 8192, 30_720, 1024), (8192, 16_384, 61_440, 4096),
        (16_384, 32_768, 122_880, 8192),
    ]

    public static func admits(cpu: CPUUnits, memory: MemoryMiB) -> Bool {
        table.contains { row in
            row.cpu == cpu.value && (row.least...row.most).contains(memory.value)
                && (memory.value - row.least) % row.step == 0
        }
    }

    /// The smallest size that has as much of both; nil when there is none so large.
    public static func smallest(holding resources: Resources) -> Resources? {
        for row in table where row.cpu >= resources.cpu.value && row.most >= resources.memory.value {
            let beyond = max(resources.memory.value, row.least) - row.least
            let steps = (beyond + row.step - 1) / row.step
            return Resources(cpu: CPUUnits(row.cpu), memory: MemoryMiB(row.least + steps * row.step))
        }
        return nil
    }
}
