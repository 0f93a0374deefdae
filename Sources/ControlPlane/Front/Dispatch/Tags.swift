import AWSWire
import Domain
import ECSShapes

extension [KeyValue] {
    /// The tags of a request, checked by the rules that all resources share, in order of their keys.
    ///
    /// - Throws: `InvalidParameterException` for more than 50, a repeated or reserved key, and characters AWS refuses.
    init(tags: [ECSShapes.Tag]?) throws(APIFault) {
        self = []
        guard let tags else { return }
        if tags.count > 50 { throw .invalidParameter("The maximum number of tags is 50.") }
        for tag in tags {
            guard let key = tag.key, (1...128).contains(key.unicodeScalars.count) else {
                throw .invalidParameter("Tag keys must have between 1 and 128 characters.")
            }
            let value = tag.value ?? ""
            if value.unicodeScalars.count > 256 { throw .invalidParameter("Tag values must have at most 256 characters.") }
            if key.lowercased().hasPrefix("aws:") || value.lowercased().hasPrefix("aws:") {
                throw .invalidParameter("Tag keys and values must not start with the reserved prefix 'aws:'.")
            }
            if contains(where: { $0.key == key }) { throw .invalidParameter("Duplicate tag key '\(key)'.") }
            append(KeyValue(key: key, value: value))
        }
        sort { $0.key < $1.key }
    }

    var tagShapes: [ECSShapes.Tag] { map { ECSShapes.Tag(key: $0.key, value: $0.value) } }
}
