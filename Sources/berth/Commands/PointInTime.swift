import ArgumentParser
import Foundation

/// A point of time on the command line: `2026-01-31`, `2026-01-31T15`, `2026-01-31T15:30Z`, all UTC, or `24h` for how long ago.
struct PointInTime: ExpressibleByArgument, Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// Seconds since 1970.
        case at(Double)
        /// Seconds before now.
        case ago(Int)
    }

    private let kind: Kind

    init(_ kind: Kind) { self.kind = kind }

    init?(argument: String) {
        if let span = Span(argument: argument) {
            kind = .ago(span.seconds)
            return
        }
        let text = argument.hasSuffix("Z") ? String(argument.dropLast()) : argument
        for format in ["yyyy-MM-dd", "yyyy-MM-dd'T'HH", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"] {
            let formatter = Self.formatter(format)
            guard let date = formatter.date(from: text), formatter.string(from: date) == text,
                date.timeIntervalSince1970 >= 0
            else { continue }
            kind = .at(date.timeIntervalSince1970)
            return
        }
        return nil
    }

    var defaultValueDescription: String {
        switch kind {
        case .ago(let seconds): seconds % 86_400 == 0 ? "\(seconds / 86_400)d" : "\(seconds)s"
        case .at(let seconds): Self.text(seconds)
        }
    }

    func seconds(now: Double) -> Double {
        switch kind {
        case .at(let seconds): seconds
        case .ago(let seconds): max(0, now - Double(seconds))
        }
    }

    /// As `2026-01-31T15:00Z`.
    static func text(_ seconds: Double) -> String {
        formatter("yyyy-MM-dd'T'HH:mm'Z'").string(from: Date(timeIntervalSince1970: seconds))
    }

    private static func formatter(_ format: String) -> DateFormatter {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.isLenient = false
        formatter.dateFormat = format
        return formatter
    }
}
