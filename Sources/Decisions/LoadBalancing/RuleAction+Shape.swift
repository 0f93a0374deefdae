public import Domain
public import ELBShapes
public import Identifiers

/// What the listener is like that actions are for.
public struct ActionSetting: Sendable {
    public var kind: LoadBalancerKind
    public var `protocol`: TrafficProtocol

    public init(kind: LoadBalancerKind, protocol: TrafficProtocol) {
        self.kind = kind
        self.protocol = `protocol`
    }
}

extension [RuleAction] {
    /// The actions of a listener or a rule, checked: one of them, that says what becomes of the request.
    ///
    /// That the target groups exist, and what they speak, is the caller's to check.
    /// - Throws: `validation`, `invalidAction`, `tooManyActions`, `tooManyTargetGroups`, `invalidConfiguration`, and
    ///   `unsupported` for what cannot be had here.
    /// - Source: Elastic Load Balancing API Reference, Action
    public init(checking shapes: [ELBShapes.Action], for setting: ActionSetting) throws(BalancingFault) {
        guard !shapes.isEmpty else { throw BalancingFault(.validation, "At least one action must be specified") }
        for shape in shapes {
            if let type = shape.type, ["authenticate-oidc", "authenticate-cognito", "jwt-validation"].contains(type) {
                throw BalancingFault(
                    .unsupported, "Actions of the type '\(type)' are not supported: callers are not authenticated here."
                )
            }
        }
        guard shapes.count == 1 else {
            throw BalancingFault(
                .tooManyActions, "You must specify exactly one action of the type forward, redirect or fixed-response")
        }
        self = [try RuleAction(checking: shapes[0], for: setting)]
    }
}

extension RuleAction {
    fileprivate init(checking shape: ELBShapes.Action, for setting: ActionSetting) throws(BalancingFault) {
        try Self.checkMembers(of: shape)
        if setting.kind == .network, shape.type != "forward" {
            throw BalancingFault(
                .invalidAction, "Action type '\(shape.type ?? "")' is not valid for a Network Load Balancer")
        }
        switch shape.type {
        case "redirect":
            guard let redirect = shape.redirectConfig else { throw Self.missing("RedirectConfig", shape) }
            self.init(.redirect(try RedirectAction(checking: redirect, on: setting.protocol)), order: shape.order)
        case "fixed-response":
            guard let fixed = shape.fixedResponseConfig else { throw Self.missing("FixedResponseConfig", shape) }
            self.init(.fixedResponse(try FixedResponseAction(checking: fixed)), order: shape.order)
        default:
            self.init(.forward(try ForwardAction(checking: shape, on: setting.kind)), order: shape.order)
        }
    }

    private static func missing(_ member: String, _ shape: ELBShapes.Action) -> BalancingFault {
        BalancingFault(.validation, "'\(member)' must be specified for the action type '\(shape.type ?? "")'")
    }

    /// No member of another type's.
    private static func checkMembers(of shape: ELBShapes.Action) throws(BalancingFault) {
        let members: [(String, Bool, String)] = [
            ("TargetGroupArn", shape.targetGroupArn != nil, "forward"),
            ("ForwardConfig", shape.forwardConfig != nil, "forward"),
            ("RedirectConfig", shape.redirectConfig != nil, "redirect"),
            ("FixedResponseConfig", shape.fixedResponseConfig != nil, "fixed-response"),
            ("AuthenticateOidcConfig", shape.authenticateOidcConfig != nil, "authenticate-oidc"),
            ("AuthenticateCognitoConfig", shape.authenticateCognitoConfig != nil, "authenticate-cognito"),
            ("JwtValidationConfig", shape.jwtValidationConfig != nil, "jwt-validation"),
        ]
        for (member, isThere, type) in members where isThere && shape.type != type {
            throw BalancingFault(
                .validation, "'\(member)' cannot be specified for the action type '\(shape.type ?? "")'")
        }
    }

    /// As callers are shown it.
    public var shape: ELBShapes.Action {
        switch kind {
        case .forward(let forward):
            let only = forward.groups.count == 1 ? forward.groups.first?.group.arn : nil
            return ELBShapes.Action(
                type: "forward", targetGroupArn: only, order: order, forwardConfig: forward.shape)
        case .redirect(let redirect):
            return ELBShapes.Action(type: "redirect", order: order, redirectConfig: redirect.shape)
        case .fixedResponse(let fixed):
            return ELBShapes.Action(
                type: "fixed-response", order: order,
                fixedResponseConfig: ELBShapes.FixedResponseActionConfig(
                    messageBody: fixed.body, statusCode: String(fixed.status), contentType: fixed.contentType))
        }
    }
}

extension ForwardAction {
    fileprivate init(checking shape: ELBShapes.Action, on kind: LoadBalancerKind) throws(BalancingFault) {
        var tuples = shape.forwardConfig?.targetGroups ?? []
        if let arn = shape.targetGroupArn {
            if tuples.isEmpty { tuples = [ELBShapes.TargetGroupTuple(targetGroupArn: arn)] }
            guard tuples.count == 1, tuples[0].targetGroupArn == arn else {
                throw BalancingFault(
                    .validation,
                    "If you specify both 'TargetGroupArn' and 'ForwardConfig', they must name the same one target group"
                )
            }
        }
        guard !tuples.isEmpty else {
            throw BalancingFault(.validation, "An action of the type 'forward' must specify a target group")
        }
        guard tuples.count <= BalancingLimits.targetGroupsPerAction else {
            throw BalancingFault(
                .tooManyTargetGroups,
                "An action may forward to at most \(BalancingLimits.targetGroupsPerAction) target groups")
        }
        var groups: [WeightedGroup] = []
        for tuple in tuples {
            let group = try WeightedGroup(checking: tuple)
            if groups.contains(where: { $0.group == group.group }) {
                throw BalancingFault(.validation, "Target group '\(group.group.arn)' is specified more than once")
            }
            groups.append(group)
        }
        self.init(groups: groups, stickiness: try Self.stickiness(shape.forwardConfig, on: kind))
    }

    private static func stickiness(
        _ config: ELBShapes.ForwardActionConfig?, on kind: LoadBalancerKind
    ) throws(BalancingFault) -> Int? {
        guard let stickiness = config?.targetGroupStickinessConfig, stickiness.enabled == true else { return nil }
        if kind == .network {
            throw BalancingFault(
                .invalidConfiguration, "Target group stickiness is not supported for Network Load Balancers")
        }
        guard let seconds = stickiness.durationSeconds, (1...604_800).contains(seconds) else {
            throw BalancingFault(
                .validation,
                "Target group stickiness duration '\(stickiness.durationSeconds.map(String.init) ?? "null")' must be "
                    + "between '1' and '604800'")
        }
        return seconds
    }

    fileprivate var shape: ELBShapes.ForwardActionConfig {
        ELBShapes.ForwardActionConfig(
            targetGroups: groups.map { ELBShapes.TargetGroupTuple(targetGroupArn: $0.group.arn, weight: $0.weight) },
            targetGroupStickinessConfig: ELBShapes.TargetGroupStickinessConfig(
                enabled: stickiness != nil, durationSeconds: stickiness))
    }
}

extension ForwardAction.WeightedGroup {
    fileprivate init(checking tuple: ELBShapes.TargetGroupTuple) throws(BalancingFault) {
        guard let id = tuple.targetGroupArn.flatMap({ TargetGroupID(arn: $0) }) else {
            throw BalancingFault(
                .validation, "'\((tuple.targetGroupArn ?? "").prefix(256))' is not a valid target group ARN")
        }
        let weight = tuple.weight ?? 1
        guard (0...999).contains(weight) else {
            throw BalancingFault(.validation, "Target group weight '\(weight)' must be between '0' and '999'")
        }
        self.init(group: id, weight: weight)
    }
}
