import HashTreeCollections

/// One kind of record: a persistent map plus a persistent order of its keys, for lists and pages.
public struct Table<Key: Hashable & Comparable & Sendable, Value: Sendable>: Sendable {
    /// A value behind one reference: a write copies the map's nodes on its way, and records are large.
    private final class Row: Sendable {
        let value: Value

        init(_ value: Value) { self.value = value }
    }

    private var rows: TreeDictionary<Key, Row> = [:]
    /// Every key, ascending.
    public private(set) var keys = OrderedIndex<Key>()

    public init() {}

    public var count: Int { rows.count }

    public subscript(key: Key) -> Value? { rows[key]?.value }

    mutating func set(_ key: Key, to value: Value?) -> Value? {
        if let value {
            let old = rows.updateValue(Row(value), forKey: key)
            if old == nil { keys.insert(key) }
            return old?.value
        }
        let old = rows.removeValue(forKey: key)
        if old != nil { keys.remove(key) }
        return old?.value
    }

    /// The values in ascending order of their keys, from `start` on (inclusive).
    public func values(from start: Key? = nil) -> some Sequence<(Key, Value)> {
        keys.ascending(from: start).lazy.compactMap { key in rows[key].map { (key, $0.value) } }
    }
}
