import TaskRuntime
import Foundation

/// Writes a `ustar` archive: equal entries give equal bytes.
struct TarArchive {
    private static let block = 512
    private(set) var bytes = Data()

    /// Appends a directory; `path` is relative, without `..`.
    mutating func directory(_ path: String, mode: Int = 0o755) throws(Failure) {
        try append(header(path.hasSuffix("/") ? path : path + "/", mode: mode, size: 0, kind: "5"))
    }

    /// Appends a regular file.
    mutating func file(_ path: String, mode: Int = 0o644, _ content: Data) throws(Failure) {
        try append(header(path, mode: mode, size: content.count, kind: "0"))
        bytes.append(content)
        pad()
    }

    /// Appends a symbolic link.
    mutating func link(_ path: String, to target: String) throws(Failure) {
        try append(header(path, mode: 0o777, size: 0, kind: "2", target: target))
    }

    /// The archive with its end mark.
    func finished() -> Data { bytes + Data(count: 2 * Self.block) }

    private mutating func append(_ header: Data) throws(Failure) { bytes.append(header) }

    private mutating func pad() {
        let rest = bytes.count % Self.block
        if rest > 0 { bytes.append(Data(count: Self.block - rest)) }
    }

    private func header(
        _ path: String, mode: Int, size: Int, kind: String, target: String = ""
    ) throws(Failure) -> Data {
        guard path.utf8.count <= 100, target.utf8.count <= 100, !path.isEmpty else {
            throw .invalid("path too long for an archive: \(path)")
        }
        var header = [UInt8](repeating: 0, count: Self.block)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() where offset + index < header.count {
                header[offset + index] = byte
            }
        }
        put(path, at: 0)
        put(octal(mode, 7), at: 100)
        put(octal(0, 7), at: 108)
        put(octal(0, 7), at: 116)
        put(octal(size, 11), at: 124)
        put(octal(0, 11), at: 136)
        put("        ", at: 148)
        put(kind, at: 156)
        put(target, at: 157)
        put("ustar", at: 257)
        put("00", at: 263)
        let sum = header.reduce(0) { $0 + Int($1) }
        put(octal(sum, 6) + "\0 ", at: 148)
        return Data(header)
    }

    private func octal(_ value: Int, _ width: Int) -> String {
        let digits = String(value, radix: 8)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
