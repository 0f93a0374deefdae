/// Moves the values of all series from memory into chunks, a few series at a time, once in two minutes.
struct SealPass {
    /// How long a value stays in memory at least, so that what comes a little late finds it there.
    private static let lag = 60
    /// Seconds that a pass takes: a little less than there are between two.
    private static let duration = 100

    /// Everything before is in chunks when the pass is over.
    private(set) var boundary = 0
    private var startedAt = 0
    private var queue: [Int] = []
    private var next = 0

    /// Before it values go to chunks at once.
    static func boundary(at now: Int) -> Int { (now - lag).floored(to: MetricTier.seconds.window) }

    var isOver: Bool { next >= queue.count }

    /// Begins when the one before is over and its time has come.
    mutating func beginIfDue(at now: Int, over series: () -> [Int]) {
        let due = Self.boundary(at: now)
        guard isOver, due > boundary else { return }
        self = SealPass(boundary: due, startedAt: now, queue: series())
    }

    /// The series whose turn it is.
    mutating func due(at now: Int) -> ArraySlice<Int> {
        let elapsed = min(max(now - startedAt, 0) + 1, Self.duration)
        let end = max(next, (queue.count * elapsed + Self.duration - 1) / Self.duration)
        defer { next = end }
        return queue[next..<end]
    }

    init() {}

    private init(boundary: Int, startedAt: Int, queue: [Int]) {
        self.boundary = boundary
        self.startedAt = startedAt
        self.queue = queue
    }
}
