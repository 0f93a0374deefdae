import CInflate

/// How a body was packed for the way: as it is, or by gzip.
///
/// A signature covers the body as it was sent, so a body is unpacked only after its signature was checked.
public enum ContentEncoding {
    /// The body as the operation reads it.
    ///
    /// - Parameters:
    ///   - encoding: the value of `Content-Encoding`.
    ///   - limit: the most bytes that may come out.
    /// - Throws: `RequestEntityTooLargeException` when more come out; `SerializationException` when the bytes are not
    ///   what the header says, or it names something else.
    public static func unpack(_ body: [UInt8], encoding: String, limit: Int) throws(APIFault) -> [UInt8] {
        switch encoding.lowercased().filter({ $0 != " " && $0 != "\t" }) {
        case "", "identity": return body
        case "gzip", "x-gzip": return try gunzip(body, limit: limit)
        case "aws-chunked":
            throw .serialization(
                "Content-Encoding 'aws-chunked' is not supported: sign the whole body, which may be sent in HTTP chunks."
            )
        default:
            throw .serialization("Content-Encoding '\(encoding.prefix(100))' is not supported; 'gzip' is.")
        }
    }

    private static func gunzip(_ body: [UInt8], limit: Int) throws(APIFault) -> [UInt8] {
        var outcome = 0
        // The capacity is only reserved: pages that nothing is written to cost nothing.
        let unpacked = [UInt8](unsafeUninitializedCapacity: max(limit, 1)) { target, count in
            outcome = body.withUnsafeBufferPointer { source in
                berth_gunzip(source.baseAddress, source.count, target.baseAddress, target.count)
            }
            count = max(outcome, 0)
        }
        switch outcome {
        case 0...: return unpacked
        case Int(BERTH_INFLATE_TOO_LARGE): throw .requestTooLarge(limit: limit)
        case Int(BERTH_INFLATE_NO_MEMORY): throw .throttling()
        default: throw .serialization("The request body is not what its Content-Encoding 'gzip' says.")
        }
    }
}
