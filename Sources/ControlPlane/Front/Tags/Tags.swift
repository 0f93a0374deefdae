import AWSWire
import Domain
import ECSShapes

/// Tags as requests carry them and answers show them.
///
/// Lengths and letters are rules of the service model; what is here is what the model cannot say.
enum Tags {
    /// Most tags of the caller's own on one resource; those with the reserved prefix do not count.
    static let limit = 50

    /// - Throws: `InvalidParameterException` for more than 50 tags, doubled keys and the reserved prefix `aws:`.
    static func checked(_ tags: [ECSShapes.Tag]?) throws(APIFault) -> [KeyValue] {
        let tags = tags ?? []
        guard tags.count <= limit else {
            throw .invalidParameter("The maximum number of tags is \(limit), got \(tags.count).")
        }
        var seen: Set<String> = []
        var checked: [KeyValue] = []
        for tag in tags {
            guard let key = tag.key, !key.isEmpty else { throw .invalidParameter("Tag keys must not be empty.") }
            try checkPrefix(key)
            let value = tag.value ?? ""
            guard !isReserved(value) else {
                throw .invalidParameter("Tag value '\(value)' of key '\(key)': the prefix aws: is reserved.")
            }
            guard seen.insert(key).inserted else {
                throw .invalidParameter("Duplicate tag keys found: '\(key)'. Tag keys must be unique.")
            }
            checked.append(KeyValue(key: key, value: value))
        }
        return checked
    }

    /// Keys with the reserved prefix are neither given nor taken by callers.
    static func checkPrefix(_ key: String) throws(APIFault) {
        if isReserved(key) { throw .invalidParameter("Tag key '\(key)': the prefix aws: is reserved.") }
    }

    static func isReserved(_ text: String) -> Bool { text.lowercased().hasPrefix("aws:") }

    /// `old` with `new` over it: a key that is there gets the new value where it stands.
    ///
    /// - Throws: `LimitExceededException` when more than 50 of the caller's own are left.
    static func merged(_ new: [KeyValue], into old: [KeyValue]) throws(APIFault) -> [KeyValue] {
        var merged = old
        for tag in new {
            if let index = merged.firstIndex(where: { $0.key == tag.key }) {
                merged[index] = tag
            } else {
                merged.append(tag)
            }
        }
        let count = merged.count { !isReserved($0.key) }
        guard count <= limit else {
            throw .limitExceeded("The maximum number of tags of a resource is \(limit), it would have \(count).")
        }
        return merged
    }

    /// nil for none: AWS leaves the member out.
    static func shown(_ tags: [KeyValue]) -> [ECSShapes.Tag]? {
        tags.nonEmpty?.tagShapes
    }
}

extension [KeyValue] {
    /// For members that AWS returns as an empty list.
    var tagShapes: [ECSShapes.Tag] { map { ECSShapes.Tag(key: $0.key, value: $0.value) } }
}
