import Foundation
import Logging

/// Logs go to standard error, one line an event; `BERTH_LOG` (trace … critical) sets the level, notice by default.
enum Log {
    private static let level =
        ProcessInfo.processInfo.environment["BERTH_LOG"].flatMap { Logger.Level(rawValue: $0) } ?? .notice

    static func make(_ label: String) -> Logger {
        var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        return logger
    }
}
