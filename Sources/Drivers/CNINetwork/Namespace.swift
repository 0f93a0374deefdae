import CLinux

/// Swift closures inside a network namespace, on a thread made for the call.
enum Namespace {
    /// What `body` gave on a thread inside the namespace `path`; nil when it could not be entered.
    static func call<Value>(_ path: String, _ body: @escaping () -> Value) -> Value? {
        var value: Value?
        withoutActuallyEscaping({ value = body() }) { errand in
            let visit = Visit(errand)
            _ = clinux_netns_call(
                path, { argument in argument.map { Unmanaged<Visit>.fromOpaque($0).takeUnretainedValue().run() } },
                Unmanaged<Visit>.passUnretained(visit).toOpaque())
        }
        return value
    }

    private final class Visit {
        let run: () -> Void

        init(_ run: @escaping () -> Void) { self.run = run }
    }
}
