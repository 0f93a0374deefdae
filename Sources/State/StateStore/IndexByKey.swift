import HashTreeCollections

/// A persistent secondary index: under each key an ordered set of elements.
struct IndexByKey<Key: Hashable & Sendable, Element: Comparable & Sendable>: Sendable {
    private var sets: TreeDictionary<Key, OrderedIndex<Element>> = [:]

    func contains(_ key: Key) -> Bool { sets[key] != nil }

    /// What is under the key, ascending.
    func elements(under key: Key) -> AnySequence<Element> { (sets[key] ?? OrderedIndex()).ascending() }

    func count(under key: Key) -> Int { sets[key]?.count ?? 0 }

    /// Takes the element from under one key and puts it under another; nil is under none.
    mutating func move(_ element: Element, from old: Key?, to new: Key?) {
        guard old != new else { return }
        if let old { remove(element, under: old) }
        if let new { sets[new, default: OrderedIndex()].insert(element) }
    }

    private mutating func remove(_ element: Element, under key: Key) {
        guard var set = sets[key] else { return }
        set.remove(element)
        sets[key] = set.count == 0 ? nil : set
    }
}
