import HAProxyBalancer
import ServiceLifecycle

/// Looks after the HAProxy of this machine; its end leaves HAProxy running.
struct DataPlane: Service {
    let balancer: HAProxyBalancer

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do { try await balancer.run() } catch is CancellationError {
                // Asked to stop.
            }
        }
    }
}
