/// What is counted for one proxy.
struct Counters: Hashable, Codable {
    enum Count: Int, CaseIterable {
        case informational, successful, redirected, clientError, serverError
        case connections, rejected, failedHandshakes, failedConnections, bytesIn, bytesOut
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

    /// Of two accounts of the same events, neither of which has any that did not happen: the fuller, count by count.
    func merged(_ other: Counters) -> Counters {
        var merged = self
        for count in Count.allCases { merged[count] = max(self[count], other[count]) }
        return merged
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
