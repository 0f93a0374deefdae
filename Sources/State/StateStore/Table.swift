import HashTreeCollections

/// One kind of record: a persistent map plus a persistent order of its keys, for lists and pages.
public struct Table<Key: Hashable & Comparable & Sendable, Value: Sendable>: Sendable {
    private var rows: TreeDictionary<Key, Value> = [:]
    /// Every key, ascending.
    public private(set) var keys = OrderedIndex<Key>()

    public init() {}

    public var count: Int { rows.count }

    public subscript(key: Key) -> Value? { rows[key] }

    mutating func set(_ key: Key, to value: Value?) -> Value? {
        if let value {
            let old = rows.updateValue(value, forKey: key)
            if old == nil { keys.insert(key) }
            return old
        }
        let old = rows.removeValue(forKey: key)
        if old != nil { keys.remove(key) }
        return old
    }

    /// The values in ascending order of their keys, from `start` on (inclusive).
    public func values(from start: Key? = nil) -> some Sequence<(Key, Value)> {
        keys.ascending(from: start).lazy.compactMap { key in rows[key].map { (key, $0) } }
    }
}
