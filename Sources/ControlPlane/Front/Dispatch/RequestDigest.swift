import Crypto
import JSONBytes

/// SHA-256 of a request as it is written anew, in hexadecimal: equal for requests that ask for the same.
func requestDigest(_ request: some JSONWritable) -> String {
    SHA256.hash(data: request.jsonBytes()).map { byte in
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
}
