/// What is counted for one proxy.
struct Counters: Hashable, Codable {
    enum Count: Int, CaseIterable {
        case informational, successful, redirected, clientError, serverError
        case connections, rejected, failedHandshakes, failedConnections, bytesIn, bytesOut
        /// Answers of the load balancer itself with these codes; only the log has them.
        case own500, own502, own503, own504

        fileprivate static func own(_ status: Int) -> Count? {
            switch status {
            case 500: .own500
            case 502: .own502
            case 503: .own503
            case 504: .own504
            default: nil
            }
        }
    }

    private var values = [Int](repeating: 0, count: Count.allCases.count)

    subscript(_ count: Count) -> Int {
        get { values.indices.contains(count.rawValue) ? values[count.rawValue] : 0 }
        set {
            while values.count <= count.rawValue { values.append(0) }
            values[count.rawValue] = newValue
        }
    }

    mutating func respond(_ status: Int?) {
        guard let status, let count = Count(rawValue: status / 100 &- 1), status >= 100, status < 600 else { return }
        self[count] &+= 1
    }

    /// Notes an answer that came from no target; `respond` counts it already.
    mutating func respondItself(_ status: Int?) {
        if let count = status.flatMap(Count.own) { self[count] &+= 1 }
    }

    /// Of two accounts of the same events, neither of which has any that did not happen: the fuller, count by count.
    func merged(_ other: Counters) -> Counters {
        var merged = self
        for count in Count.allCases { merged[count] = max(self[count], other[count]) }
        return merged
    }

    /// The same with another's bytes.
    func withBytes(of other: Counters) -> Counters {
        var copy = self
        for count in [Count.bytesIn, .bytesOut] { copy[count] = other[count] }
        return copy
    }

    mutating func subtractResponses(_ other: Counters) {
        for count in [Count.informational, .successful, .redirected, .clientError, .serverError] {
            self[count] &-= other[count]
        }
    }

    static func &+= (total: inout Counters, more: Counters) {
        for count in Count.allCases { total[count] &+= more[count] }
    }
}
