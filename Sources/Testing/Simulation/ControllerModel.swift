import Identifiers

/// The shell of a controller as `ControllerLoop` has it, on the simulation's queue: waits, hands over, rests for 20 ms.
final class ControllerModel<Key: Hashable> {
    /// Acts on a wake-up (nil: look at everything) and calls back with how long to sleep; nil for until something changes.
    typealias Body = (World, Set<Key>?, @escaping (World, Duration?) -> Void) -> Void

    private unowned let process: ControlPlaneProcess
    private let body: Body
    private var keys: Set<Key> = []
    private var isResync = false
    private var isRung = false
    private var isBusy = false
    private var timer = 0

    init(_ process: ControlPlaneProcess, _ body: @escaping Body) {
        self.process = process
        self.body = body
    }

    func post(_ news: some Sequence<Key>, in world: World) {
        keys.formUnion(news)
        ring(in: world)
    }

    func postResync(in world: World) {
        isResync = true
        ring(in: world)
    }

    func ring(in world: World) {
        isRung = true
        if !isBusy { begin(in: world) }
    }

    private func begin(in world: World) {
        isBusy = true
        timer += 1
        process.after(.zero, in: world) { [self] world in
            let wakeup = isResync ? nil : keys
            keys = []
            isResync = false
            isRung = false
            body(world, wakeup) { [self] world, sleep in
                process.after(.milliseconds(20), in: world) { [self] world in end(sleep, in: world) }
            }
        }
    }

    private func end(_ sleep: Duration?, in world: World) {
        isBusy = false
        if isRung { return begin(in: world) }
        guard let sleep else { return }
        let armed = timer
        process.after(min(max(sleep, .zero), .seconds(60)), in: world) { [self] world in
            if armed == timer, !isBusy { ring(in: world) }
        }
    }
}

/// How long a controller leaves the store alone after it refused writes, as `Backoff` of the controllers has it.
struct WriteBackoff {
    private var failures = 0

    mutating func reset() { failures = 0 }

    mutating func next() -> Duration {
        failures = min(failures + 1, 8)
        return min(.seconds(5), .milliseconds(50) * (1 << failures))
    }
}
