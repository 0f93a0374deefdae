import ContainerdRuntime
import NodeAgent

/// What `CleanupOptions` said, kept with the node's settings; nil is the default of the part that acts on it.
struct CleanupSettings: Codable, Hashable, Sendable {
    var imageAgeSeconds: Int?
    var imageSharePercent: Int?
    var removesImported: Bool?
    var intervalSeconds: Int?
    var logFileBytes: Int?
    var logFiles: Int?
    var logTasks: Int?
    var logBytes: Int?

    init() {}

    /// - Parameter kept: what an earlier start said; the options of this one win.
    init(_ options: CleanupOptions, kept: CleanupSettings?) {
        imageAgeSeconds = options.imageAge?.seconds ?? kept?.imageAgeSeconds
        imageSharePercent = options.imageShare ?? kept?.imageSharePercent
        removesImported = options.imported ?? kept?.removesImported
        intervalSeconds = options.interval?.seconds ?? kept?.intervalSeconds
        logFileBytes = options.logFileSize?.bytes ?? kept?.logFileBytes
        logFiles = options.logFiles ?? kept?.logFiles
        logTasks = options.logTasks ?? kept?.logTasks
        logBytes = options.logSize?.bytes ?? kept?.logBytes
    }

    func apply(to configuration: inout NodeAgentConfiguration) {
        if let imageAgeSeconds { configuration.retention.imageAge = .seconds(imageAgeSeconds) }
        if let imageSharePercent { configuration.retention.diskShare = Double(imageSharePercent) / 100 }
        if let removesImported { configuration.retention.removesImportedImages = removesImported }
        if let intervalSeconds { configuration.intervals.housekeeping = .seconds(intervalSeconds) }
        if let logTasks { configuration.retention.logTasks = logTasks }
        if let logBytes { configuration.retention.logBytes = Int64(logBytes) }
    }

    func apply(to configuration: inout ContainerdConfiguration) {
        if let logFileBytes { configuration.logFileBytes = logFileBytes }
        if let logFiles { configuration.logFiles = logFiles }
    }
}
