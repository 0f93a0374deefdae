import Foundation
import Front

/// What the kernel says of this process.
enum ProcessLook {
    /// - Returns: what looks; the process counts as begun now.
    static func begin() -> @Sendable () -> PrometheusPage.ProcessFigures {
        let began = Date().timeIntervalSince1970
        return { figures(since: began) }
    }

    private static func figures(since began: Double) -> PrometheusPage.ProcessFigures {
        // The second number is of resident pages.
        let pages =
            (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
            .dropFirst().first.flatMap { Int($0) } ?? 0
        let files = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count ?? 0
        return PrometheusPage.ProcessFigures(
            cpuSeconds: Double(clock()) / 1e6, residentBytes: pages * Int(getpagesize()),
            openFiles: files,
            startedAt: began)
    }
}

/// What Prometheus shows a control plane that others reach: made at the first start, in a file of root's own.
enum MetricsToken {
    static func establish(_ files: InstallationFiles) throws -> String {
        if let kept = try? String(contentsOfFile: files.metricsToken, encoding: .utf8) {
            let token = kept.trimmingCharacters(in: .whitespacesAndNewlines)
            if !token.isEmpty { return token }
        }
        var random = SystemRandomNumberGenerator()
        let token = (0..<4).map { _ in String(random.next() | 1 << 63, radix: 16) }.joined()
        let made = FileManager.default.createFile(
            atPath: files.metricsToken, contents: Data((token + "\n").utf8), attributes: [.posixPermissions: 0o600])
        guard made else { throw CommandFailure("Cannot write \(files.metricsToken).") }
        return token
    }
}
