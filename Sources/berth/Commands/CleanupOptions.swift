import ArgumentParser

/// What a host keeps of images that nothing uses and of output. What is not said stays as the host's first start had it.
struct CleanupOptions: ParsableArguments {
    @Option(
        name: .customLong("image-cleanup-age"),
        help: ArgumentHelp(
            "How long an image must have been unused before it may go, such as 90s, 30m or 2h; 1h by default. ECS's agent "
                + "calls it ECS_IMAGE_MINIMUM_CLEANUP_AGE.", valueName: "time"))
    var imageAge: Span?

    @Option(
        name: .customLong("image-cleanup-above"),
        help: ArgumentHelp(
            "Unused images go while more than this percentage of the data directory's disk is in use; 85 by default, 0 for "
                + "always, 100 for never.", valueName: "percent"))
    var imageShare: Int?

    @Flag(
        name: .customLong("image-cleanup-imported"), inversion: .prefixedNo,
        help: """
            Whether images put here by 'berth image import' go too when they are unused. Not by default: no registry could \
            bring them back.
            """)
    var imported: Bool?

    @Option(
        name: .customLong("cleanup-interval"),
        help: ArgumentHelp(
            "Time between two rounds of cleaning up images, output and stopped tasks; 1m by default. For images ECS's agent "
                + "calls it ECS_IMAGE_CLEANUP_INTERVAL.", valueName: "time"))
    var interval: Span?

    @Option(
        name: .customLong("log-file-size"),
        help: ArgumentHelp(
            "Size at which a container's output goes on in a new file, such as 512K or 10M; 10M by default.",
            valueName: "size"))
    var logFileSize: ByteSize?

    @Option(
        name: .customLong("log-files"),
        help: ArgumentHelp(
            "Output files kept for each container, the current one included; 5 by default.", valueName: "count"))
    var logFiles: Int?

    @Option(
        name: .customLong("log-keep-tasks"),
        help: ArgumentHelp("Of how many stopped tasks the output is kept; 200 by default.", valueName: "count"))
    var logTasks: Int?

    @Option(
        name: .customLong("log-keep-size"),
        help: ArgumentHelp(
            "How much output of stopped tasks is kept on this host; the oldest goes first. 1G by default.",
            valueName: "size"))
    var logSize: ByteSize?

    func validate() throws {
        try check(imageShare, "--image-cleanup-above", 0...100)
        try check(interval?.seconds, "--cleanup-interval", 1...86_400, "seconds")
        // Smaller, one long line would be a file of its own.
        try check(logFileSize?.bytes, "--log-file-size", 32_768...(1 << 40), "bytes")
        try check(logFiles, "--log-files", 1...1_000)
        try check(logTasks, "--log-keep-tasks", 0...1_000_000)
    }

    private func check(_ value: Int?, _ flag: String, _ range: ClosedRange<Int>, _ unit: String = "") throws {
        guard let value, !range.contains(value) else { return }
        let limits = "\(range.lowerBound) to \(range.upperBound)" + (unit.isEmpty ? "" : " \(unit)")
        throw ValidationError("\(flag) must be \(limits), got \(value).")
    }
}
