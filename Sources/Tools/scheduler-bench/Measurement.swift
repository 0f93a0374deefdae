import Glibc

/// What one cell gave.
struct Measurement: Encodable {
    var placed: Int
    /// Seconds for each tenth of the tasks, in order.
    var tenths: [Double] = []
    /// The processor time of each, in seconds: that of this process, whatever the disk and other processes take.
    var processor: [Double] = []
    var bytesPerHost = 0
    var bytesPerTask = 0
}

/// Times the tenths of a number of tasks, by the clock on the wall and in processor time of this process.
struct TenthTimer {
    private let tasks: Int
    private var since: (wall: Double, processor: Double)
    private(set) var wall: [Double] = []
    private(set) var processor: [Double] = []

    /// The clocks run from now on.
    init(tasks: Int) {
        self.tasks = tasks
        since = Self.now
    }

    /// - Parameter placed: how many tasks there are by now.
    mutating func reached(_ placed: Int) {
        guard placed * 10 >= tasks * (wall.count + 1) else { return }
        let now = Self.now
        wall.append(now.wall - since.wall)
        processor.append(now.processor - since.processor)
        since = now
    }

    private static var now: (wall: Double, processor: Double) {
        (seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID))
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Memory of this process that is not swapped out, in bytes.
func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        .split(separator: " ")
    return words.count > 1 ? (Int(words[1]) ?? 0) * Int(getpagesize()) : 0
}
