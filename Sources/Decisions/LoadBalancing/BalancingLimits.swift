/// How many of each there may be.
///
/// AWS's standard quotas, but for targets: a group of Berth's may have as many as AWS raises that quota to.
/// - Source: Elastic Load Balancing, Quotas for your Application and Network Load Balancers
public enum BalancingLimits {
    /// Of each kind. Both together bound the pool of data-plane addresses.
    public static let loadBalancers = 50
    public static let listeners = 50
    /// Of one application load balancer, default rules aside.
    public static let rules = 100
    /// Of one load balancer, default certificates aside.
    public static let certificates = 25
    public static let targetGroups = 3000
    public static let targetGroupsPerAction = 5
    public static let targetGroupsPerLoadBalancer = 100
    /// Of one group.
    public static let targets = 10_000
    /// Values of all conditions of one rule.
    public static let conditionValues = 5
    /// `*` and `?` in all conditions of one rule.
    public static let conditionWildcards = 6
    public static let tags = 50
}
