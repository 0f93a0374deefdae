import AWSWire
import Identifiers
import LogStore

extension LogPosition {
    /// 56 decimal digits, as event ids of CloudWatch Logs have: 19 of the time, 37 of the number.
    var digits: String { Self.padded(time.milliseconds, 19) + Self.padded(number, 37) }

    /// nil for what `digits` does not give.
    init?(digits text: some StringProtocol) {
        guard text.utf8.count == 56, text.utf8.allSatisfy({ (48...57).contains($0) }),
            let time = Int64(text.prefix(19)), let number = Int64(text.suffix(37))
        else { return nil }
        self.init(time: Timestamp(milliseconds: time), number: number)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(max(0, number))
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}

/// Where GetLogEvents goes on: `f/DIGITS` behind an event, `b/DIGITS` before one.
struct LogToken {
    var direction: LogQuery.Direction
    var position: LogPosition

    var text: String { (direction == .forwards ? "f/" : "b/") + position.digits }

    init(_ direction: LogQuery.Direction, _ position: LogPosition) {
        self.direction = direction
        self.position = position
    }

    /// - Throws: `InvalidParameterException` for what no answer gave.
    init(_ text: String) throws(APIFault) {
        guard text.hasPrefix("f/") || text.hasPrefix("b/"), let position = LogPosition(digits: text.dropFirst(2)) else {
            throw .invalidParameter("The specified nextToken is invalid.")
        }
        self.init(text.hasPrefix("f/") ? .forwards : .backwards, position)
    }
}
