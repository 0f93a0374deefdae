import JSONBytes

/// Encodes a record straight to JSON bytes, without the tree of values that Foundation's encoder builds first: that tree
/// was the larger part of a commit's work.
///
/// Containers are written in the order in which they are asked for, as synthesised conformances do; one that is written to
/// after its parent went on is refused. Coding paths are not kept: nothing of a record depends on them.
struct RecordEncoder {
    /// - Throws: `EncodingError` for a number that is not finite, and what a value's own conformance throws.
    func encode(_ value: some Encodable) throws -> [UInt8] {
        let output = Output()
        try output.write(value)
        if let failure = output.failure { throw failure }
        return output.bytes
    }
}

/// The text so far and the containers that are open in it.
private final class Output {
    private var json = JSONWriter()
    /// Whether each open container is an object, from the outermost inwards.
    private var open: [Bool] = []
    /// Grows with everything that is written, to tell a value that writes nothing.
    private var writes = 0
    /// The first thing that could not be written; not every call can throw it.
    private(set) var failure: EncodingError?

    var bytes: [UInt8] { json.bytes }

    /// Opens a container and says how many are open then, by which it is known.
    func begin(object: Bool) -> Int {
        writes += 1
        object ? json.beginObject() : json.beginArray()
        open.append(object)
        return open.count
    }

    /// Makes the container known by `depth` the innermost one.
    func resume(_ depth: Int) {
        if depth > open.count { fail(depth, "A container is written to after its parent went on.") }
        close(to: depth)
    }

    func key(_ key: some CodingKey, in depth: Int) {
        resume(depth)
        json.key(key.stringValue)
    }

    func write(_ value: some Encodable) throws {
        let (depth, before) = (open.count, writes)
        try value.encode(to: ValueEncoder(output: self))
        if writes == before { _ = begin(object: true) }
        close(to: depth)
    }

    func string(_ value: String) {
        writes += 1
        json.string(value)
    }

    func integer(_ value: some BinaryInteger) {
        writes += 1
        if let value = Int64(exactly: value) { json.integer(value) } else { json.number(text: String(value)) }
    }

    func number(_ value: Double) {
        writes += 1
        if !value.isFinite { fail(value, "\(value) has no form in JSON.") }
        json.number(value)
    }

    func boolean(_ value: Bool) {
        writes += 1
        json.boolean(value)
    }

    func null() {
        writes += 1
        json.null()
    }

    private func close(to depth: Int) {
        while open.count > depth { open.removeLast() ? json.endObject() : json.endArray() }
    }

    private func fail(_ value: Any, _ text: String) {
        failure = failure ?? .invalidValue(value, .init(codingPath: [], debugDescription: text))
    }
}

private struct ValueEncoder: Encoder {
    let output: Output
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(Members(output: output, depth: output.begin(object: true)))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        Elements(output: output, depth: output.begin(object: false))
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { Single(output: output) }
}

private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let output: Output
    let depth: Int
    var codingPath: [any CodingKey] { [] }

    private func at(_ key: Key) -> Output {
        output.key(key, in: depth)
        return output
    }

    func encodeNil(forKey key: Key) { at(key).null() }
    func encode(_ value: Bool, forKey key: Key) { at(key).boolean(value) }
    func encode(_ value: String, forKey key: Key) { at(key).string(value) }
    func encode(_ value: Double, forKey key: Key) { at(key).number(value) }
    func encode(_ value: Float, forKey key: Key) { at(key).number(Double(value)) }
    func encode(_ value: Int, forKey key: Key) { at(key).integer(value) }
    func encode(_ value: Int8, forKey key: Key) { at(key).integer(value) }
    func encode(_ value: Int16, forKey key: Key) { at(key).integer(value) }
    func encode(_ value: Int32, forKey key: Key) { at(key).integer(value) }
    func encode(_ value: Int64, forKey key: Key) { at(key).integer(value) }
    func encode(_ value: UInt, forKey key: Key) { at(key).integer(value) }
    func encode(_ value: UInt8, forKey key: Key) { at(key).integer(value) }
    func encode(_ value: UInt16, forKey key: Key) { at(key).integer(value) }
    func encode(_ value: UInt32, forKey key: Key) { at(key).integer(value) }
    func encode(_ value: UInt64, forKey key: Key) { at(key).integer(value) }
    func encode(_ value: some Encodable, forKey key: Key) throws { try at(key).write(value) }

    func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type, forKey key: Key) -> KeyedEncodingContainer<Inner> {
        ValueEncoder(output: at(key)).container(keyedBy: type)
    }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        ValueEncoder(output: at(key)).unkeyedContainer()
    }
    func superEncoder(forKey key: Key) -> any Encoder { ValueEncoder(output: at(key)) }
    func superEncoder() -> any Encoder {
        output.key(SuperKey(), in: depth)
        return ValueEncoder(output: output)
    }
}

/// The name under which classes encode what they inherit.
private struct SuperKey: CodingKey {
    var stringValue: String { "super" }
    var intValue: Int? { nil }
    init() {}
    init?(stringValue: String) { nil }
    init?(intValue: Int) { nil }
}

private struct Elements: UnkeyedEncodingContainer {
    let output: Output
    let depth: Int
    private(set) var count = 0
    var codingPath: [any CodingKey] { [] }

    private mutating func next() -> Output {
        output.resume(depth)
        count += 1
        return output
    }

    mutating func encodeNil() { next().null() }
    mutating func encode(_ value: Bool) { next().boolean(value) }
    mutating func encode(_ value: String) { next().string(value) }
    mutating func encode(_ value: Double) { next().number(value) }
    mutating func encode(_ value: Float) { next().number(Double(value)) }
    mutating func encode(_ value: Int) { next().integer(value) }
    mutating func encode(_ value: Int8) { next().integer(value) }
    mutating func encode(_ value: Int16) { next().integer(value) }
    mutating func encode(_ value: Int32) { next().integer(value) }
    mutating func encode(_ value: Int64) { next().integer(value) }
    mutating func encode(_ value: UInt) { next().integer(value) }
    mutating func encode(_ value: UInt8) { next().integer(value) }
    mutating func encode(_ value: UInt16) { next().integer(value) }
    mutating func encode(_ value: UInt32) { next().integer(value) }
    mutating func encode(_ value: UInt64) { next().integer(value) }
    mutating func encode(_ value: some Encodable) throws { try next().write(value) }

    mutating func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type) -> KeyedEncodingContainer<Inner> {
        ValueEncoder(output: next()).container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        ValueEncoder(output: next()).unkeyedContainer()
    }
    mutating func superEncoder() -> any Encoder { ValueEncoder(output: next()) }
}

private struct Single: SingleValueEncodingContainer {
    let output: Output
    var codingPath: [any CodingKey] { [] }

    func encodeNil() { output.null() }
    func encode(_ value: Bool) { output.boolean(value) }
    func encode(_ value: String) { output.string(value) }
    func encode(_ value: Double) { output.number(value) }
    func encode(_ value: Float) { output.number(Double(value)) }
    func encode(_ value: Int) { output.integer(value) }
    func encode(_ value: Int8) { output.integer(value) }
    func encode(_ value: Int16) { output.integer(value) }
    func encode(_ value: Int32) { output.integer(value) }
    func encode(_ value: Int64) { output.integer(value) }
    func encode(_ value: UInt) { output.integer(value) }
    func encode(_ value: UInt8) { output.integer(value) }
    func encode(_ value: UInt16) { output.integer(value) }
    func encode(_ value: UInt32) { output.integer(value) }
    func encode(_ value: UInt64) { output.integer(value) }
    func encode(_ value: some Encodable) throws { try output.write(value) }
}
