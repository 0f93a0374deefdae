import Domain

/// Reads the task's `cpu` and `memory`: plain integers, or a number with a unit such as `0.25 vCPU` or `1GB`.
enum TaskSize {
    /// EC2 and EXTERNAL allow 0.125 to 192 vCPU; Fargate's own matrix is narrower.
    static let cpuRange = 128...196_608
    /// A terabyte-sized host with room to spare; above it the text is a mistake.
    static let memoryRange = 4...67_108_864

    static func cpu(_ text: String?) throws(ValidationFault) -> CPUUnits? {
        guard let text else { return nil }
        guard let units = amount(text, unit: "vcpu"), cpuRange.contains(units) else {
            throw ValidationFault(
                .invalidParameter,
                "Invalid 'cpu' setting for task. '\(text.prefix(100))' is not a number of CPU units from "
                    + "\(cpuRange.lowerBound) to \(cpuRange.upperBound), nor of vCPU.")
        }
        return CPUUnits(units)
    }

    static func memory(_ text: String?) throws(ValidationFault) -> MemoryMiB? {
        guard let text else { return nil }
        guard let mebibytes = amount(text, unit: "gb"), memoryRange.contains(mebibytes) else {
            throw ValidationFault(
                .invalidParameter,
                "Invalid 'memory' setting for task. '\(text.prefix(100))' is not a number of MiB from "
                    + "\(memoryRange.lowerBound) to \(memoryRange.upperBound), nor of GB.")
        }
        return MemoryMiB(mebibytes)
    }

    /// `512` is 512; with the unit, `0.5 vCPU` is 0.5 × 1,024. Nil for anything else.
    private static func amount(_ text: String, unit: String) -> Int? {
        var lowered = text.lowercased()[...]
        guard lowered.hasSuffix(unit) else { return lowered.utf8.allSatisfy(isDigit) ? Int(lowered) : nil }
        lowered = lowered.dropLast(unit.count)
        while lowered.hasSuffix(" ") { lowered = lowered.dropLast() }
        guard !lowered.isEmpty, lowered.utf8.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ".") }) else { return nil }
        let padded = lowered.hasPrefix(".") ? "0" + lowered : String(lowered)
        guard let number = Double(padded), number < 1_000_000 else { return nil }
        let scaled = number * 1024
        return scaled == scaled.rounded() ? Int(scaled) : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
