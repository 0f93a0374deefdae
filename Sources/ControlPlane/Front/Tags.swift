import AWSWire
import Domain
import ECSShapes

/// Tags as requests carry them and answers show them.
enum Tags {
    /// - Throws: ECS's words for more than 50 tags, doubled keys, bad lengths and the reserved prefix `aws:`.
    static func checked(_ tags: [ECSShapes.Tag]?) throws(APIFault) -> [KeyValue] {
        let tags = tags ?? []
        guard tags.count <= 50 else {
            throw .invalidParameter("The maximum number of tags is 50, got \(tags.count).")
        }
        var seen: Set<String> = []
        var checked: [KeyValue] = []
        for tag in tags {
            let key = tag.key ?? ""
            let value = tag.value ?? ""
            guard (1...128).contains(key.count), value.count <= 256 else {
                throw .invalidParameter(
                    "Tag key '\(key.prefix(140))' must have 1 to 128 characters and its value at most 256.")
            }
            guard !key.lowercased().hasPrefix("aws:"), !value.lowercased().hasPrefix("aws:") else {
                throw .invalidParameter("Tag key '\(key)': the prefix aws: is reserved.")
            }
            guard seen.insert(key).inserted else {
                throw .invalidParameter("Duplicate tag keys found: '\(key)'. Tag keys must be unique.")
            }
            checked.append(KeyValue(key: key, value: value))
        }
        return checked
    }

    /// nil for none: AWS leaves the member out.
    static func shown(_ tags: [KeyValue]) -> [ECSShapes.Tag]? {
        tags.nonEmpty?.map { ECSShapes.Tag(key: $0.key, value: $0.value) }
    }
}

extension LaunchType {
    /// `EC2`, `FARGATE` or `EXTERNAL`.
    var wireName: String {
        switch self {
        case .ec2: "EC2"
        case .fargate: "FARGATE"
        case .external: "EXTERNAL"
        }
    }
}

extension [KeyValue] {
    /// For members that AWS returns as an empty list.
    var tagShapes: [ECSShapes.Tag] { map { ECSShapes.Tag(key: $0.key, value: $0.value) } }
}
