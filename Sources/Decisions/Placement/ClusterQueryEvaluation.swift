import Domain
import Identifiers
import _StringProcessing

/// Answers expressions for hosts and keeps the compiled regular expressions of one plan.
struct ClusterQueryEvaluator {
    /// nil in place of one that cannot be read: it matches nothing.
    private var compiled: [String: QueryPattern?] = [:]

    mutating func admits(_ host: PlacementHost, _ query: ClusterQuery) -> Bool { holds(query.root, host) }

    private mutating func holds(_ node: ClusterQuery.Node, _ host: PlacementHost) -> Bool {
        switch node {
        case .or(let left, let right): return holds(left, host) || holds(right, host)
        case .and(let left, let right): return holds(left, host) && holds(right, host)
        case .not(let inner): return !holds(inner, host)
        case .compare(let comparison): return holds(comparison, host)
        }
    }

    /// A comparison with something the host does not have is false, whatever it asks.
    private mutating func holds(_ comparison: ClusterQuery.Comparison, _ host: PlacementHost) -> Bool {
        if case .taskGroup = comparison.subject { return groupsHold(comparison, host) }
        let value = Self.value(of: comparison.subject, host)
        switch comparison.comparator {
        case .exists: return value.exists
        case .notExists: return !value.exists
        default: break
        }
        guard let text = value.text else { return false }
        return holds(comparison, text)
    }

    /// A host has many groups: a positive operator asks for one that fits, a negative one that none does.
    private mutating func groupsHold(_ comparison: ClusterQuery.Comparison, _ host: PlacementHost) -> Bool {
        let groups = host.groups
        let positive: ClusterQuery.Comparator
        switch comparison.comparator {
        case .exists: return !groups.isEmpty
        case .notExists: return groups.isEmpty
        case .notEquals: positive = .equals
        case .notIn: positive = .isIn
        case .notMatches: positive = .matches
        default: positive = comparison.comparator
        }
        var asked = comparison
        asked.comparator = positive
        let found = groups.contains { holds(asked, $0) }
        return positive == comparison.comparator ? found : !found
    }

    private mutating func holds(_ comparison: ClusterQuery.Comparison, _ text: String) -> Bool {
        func order(_ other: String) -> Int? { Self.order(text, other, as: comparison.subject) }
        let first = comparison.arguments.first ?? ""
        switch comparison.comparator {
        case .equals: return order(first) == 0
        case .notEquals: return order(first) != 0
        case .greater: return order(first).map { $0 > 0 } ?? false
        case .greaterOrEqual: return order(first).map { $0 >= 0 } ?? false
        case .less: return order(first).map { $0 < 0 } ?? false
        case .lessOrEqual: return order(first).map { $0 <= 0 } ?? false
        case .isIn: return comparison.arguments.contains { order($0) == 0 }
        case .notIn: return !comparison.arguments.contains { order($0) == 0 }
        case .matches: return matches(text, first)
        case .notMatches: return !matches(text, first)
        case .exists, .notExists: return false
        }
    }

    private mutating func matches(_ text: String, _ pattern: String) -> Bool {
        if let known = compiled[pattern] { return known?.matches(text) ?? false }
        let read: QueryPattern?
        do throws(QueryPatternError) { read = try QueryPattern(pattern) } catch { read = nil }
        compiled[pattern] = .some(read)
        return read?.matches(text) ?? false
    }

    private static func value(
        of subject: ClusterQuery.Subject, _ host: PlacementHost
    ) -> (exists: Bool, text: String?) {
        let text: String?
        switch subject {
        case .agentConnected: text = host.isConnected ? "true" : "false"
        case .agentVersion: text = host.record.version?.agentVersion
        case .ec2InstanceID: text = host.attribute("ecs.ec2-instance-id")?.value
        case .registeredAt: text = String(host.record.registeredAt.milliseconds)
        case .runningTasksCount: text = String(host.runningTasks)
        case .taskGroup: text = nil
        case .attribute(let name):
            guard let attribute = host.attribute(name) else { return (false, nil) }
            return (true, attribute.value)
        }
        return (text != nil, text)
    }

    /// Negative, zero or positive as `left` comes before, with or after `right`; nil when they do not compare.
    private static func order(_ left: String, _ right: String, as subject: ClusterQuery.Subject) -> Int? {
        switch subject {
        case .agentVersion: return versionOrder(left, right)
        case .registeredAt:
            guard let left = Int64(left), let right = milliseconds(ofDate: right) else { return nil }
            return left < right ? -1 : left == right ? 0 : 1
        default:
            if let left = Double(left), let right = Double(right) { return left < right ? -1 : left == right ? 0 : 1 }
            return left < right ? -1 : left == right ? 0 : 1
        }
    }

    /// Compares dotted numbers part by part; a missing part is 0.
    private static func versionOrder(_ left: String, _ right: String) -> Int {
        func parts(_ text: String) -> [Int] { text.split { !$0.isASCII || !$0.isNumber }.map { Int($0) ?? 0 } }
        let left = parts(left)
        let right = parts(right)
        for index in 0..<max(left.count, right.count) {
            let (a, b) = (index < left.count ? left[index] : 0, index < right.count ? right[index] : 0)
            if a != b { return a < b ? -1 : 1 }
        }
        return 0
    }
}

/// Milliseconds since 1970 of `2018-06-18`, `2018-06-18T22:28:28`, with `Z` or an offset such as `+00:00`.
func milliseconds(ofDate text: String) -> Int64? {
    guard let match = text.wholeMatch(of: datePattern) else { return nil }
    func number(_ part: Substring?) -> Int64 { part.flatMap { Int64($0) } ?? 0 }
    let (year, month, day) = (number(match.1), number(match.2), number(match.3))
    let (hour, minute, second) = (number(match.4), number(match.5), number(match.6))
    guard (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61 else { return nil }
    let shifted = month > 2 ? year : year - 1
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    let days = era * 146_097 + dayOfEra - 719_468
    let offset = (number(match.8) * 60 + number(match.9)) * (match.7 == "-" ? -1 : 1)
    return ((days * 24 + hour) * 60 + minute - offset) * 60_000 + second * 1_000
}

private var datePattern:
    Regex<
        (
            Substring, Substring, Substring, Substring, Substring?, Substring?, Substring?, Substring?, Substring?,
            Substring?
        )
    >
{
    /([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:Z|([+\-])([0-9]{2}):([0-9]{2}))?)?/
}
