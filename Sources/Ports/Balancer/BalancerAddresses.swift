/// Gives this machine the addresses that load balancers have.
public protocol BalancerAddresses: Sendable {
    /// Makes these the only addresses of load balancers here.
    ///
    /// - Returns: those that it does not have, with the reason.
    func set(_ addresses: [String]) async -> [String: String]
}
