import Balancer

// The port's words that records have as well: where both are read, these are the data plane's.
typealias PlannedForward = ForwardAction
typealias PlannedRedirect = RedirectAction
typealias PlannedFixedResponse = FixedResponse
typealias PlannedCondition = RuleCondition
typealias SeenTarget = TargetHealth
