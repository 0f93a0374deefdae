import NIOCore

/// Runs tasks on the event loop of their connection.
///
/// A request then goes from its bytes to its answer without a change of threads, which would cost more than most
/// handlers do. Handlers compute for a few milliseconds at most; what waits for the disk waits elsewhere.
final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
