extension JSONReader {
    /// Consumes the next value whatever it is, as strictly as if it were read.
    public mutating func skipValue() throws(JSONError) {
        switch try peek() {
        case .string: try skipString()
        case .number: _ = try scanNumber()
        case .boolean: _ = try readBoolean()
        case .null: _ = try takeNull()
        case .array:
            try beginArray()
            while try nextElement() { try skipValue() }
        case .object:
            try beginObject()
            while try skipKey() { try skipValue() }
        }
    }
}
