import Foundation

/// The highest epoch that restores of a data file were given, in a small file beside it: a damaged or lost data file cannot
/// tell its own, and agents must never see a sequence number twice.
struct EpochMark: Sendable {
    private let path: String

    init(dataFile: String) { path = dataFile + ".epoch" }

    /// Sets an epoch aside that is higher than `known` and than every one before; returns once that is on disk.
    ///
    /// - Throws: `.inaccessible` when the file cannot be written, `.damaged` when what it holds is no number.
    func raise(above known: Int) throws(StoreOpenError) -> Int {
        let epoch = max(known, try read()) + 1
        let draft = path + ".new"
        unlink(draft)
        let descriptor = Glibc.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .inaccessible("Cannot create \(draft): \(String(cString: strerror(errno))).")
        }
        defer { Glibc.close(descriptor) }
        let bytes = Array("\(epoch)\n".utf8)
        guard bytes.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == bytes.count,
            fsync(descriptor) == 0, rename(draft, path) == 0
        else { throw .inaccessible("Cannot write \(path): \(String(cString: strerror(errno))).") }
        try DataFile.synchronise(directoryOf: path)
        return epoch
    }

    /// 0 before the first restore.
    private func read() throws(StoreOpenError) -> Int {
        guard let bytes = FileManager.default.contents(atPath: path) else { return 0 }
        let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard let epoch = Int(text), (0..<1 << 40).contains(epoch) else {
            throw .damaged(
                "\(path) does not hold the number of an epoch. Remove it if no agent of this installation runs.")
        }
        return epoch
    }
}
