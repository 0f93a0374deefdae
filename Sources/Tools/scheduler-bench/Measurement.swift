import Glibc

/// What one cell gave.
struct Measurement: Encodable {
    var placed: Int
    /// Seconds for each tenth of the tasks, in order.
    var tenths: [Double] = []
    var bytesPerHost = 0
    var bytesPerTask = 0
}

/// Times the tenths of a number of tasks.
struct TenthTimer {
    enum Clock {
        /// Passes while the disk works too.
        case wall
        /// Processor time of this process: what other processes take does not count.
        case processor
    }

    private let tasks: Int
    private let clock: clockid_t
    private var since: Double
    private(set) var tenths: [Double] = []

    /// The clock runs from now on.
    init(tasks: Int, _ clock: Clock) {
        self.tasks = tasks
        self.clock = clock == .wall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID
        since = Self.seconds(self.clock)
    }

    /// - Parameter placed: how many tasks there are by now.
    mutating func reached(_ placed: Int) {
        guard placed * 10 >= tasks * (tenths.count + 1) else { return }
        let now = Self.seconds(clock)
        tenths.append(now - since)
        since = now
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
