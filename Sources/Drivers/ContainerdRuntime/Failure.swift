import TaskRuntime

/// The port's error under a name that gRPC's own `RuntimeError` does not hide.
typealias Failure = RuntimeError
