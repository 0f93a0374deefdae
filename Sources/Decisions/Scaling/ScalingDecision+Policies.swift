import Domain
import Identifiers

extension ScalingSnapshot {
    /// What all policies together make of the count.
    ///
    /// Out when any of them wants it, in only when every target tracking policy that may scale in wants it; of several counts the
    /// largest. Nothing scales in while a deployment is in progress.
    /// - Source: Application Auto Scaling User Guide, "Multiple scaling policies"
    public func decide() -> ScalingDecision {
        var decision = ScalingDecision()
        var changes: [ScalingDecision.Change] = []
        var allWantIn = true
        for policy in policies {
            let wish = policy.wish(self)
            if case .targetTracking(let tracking) = policy.rule, !tracking.disablesScaleIn {
                if case .capacity(let count, _, _) = wish, count < desired {} else { allWantIn = false }
            }
            switch wish {
            case .quiet: break
            case .stay(let reason): decision.notScaled.append(reason)
            case .capacity(let count, let cause, let total):
                if count < desired, isDeploying {
                    decision.notScaled.append(
                        .init(cause: cause, reason: .init(code: NotScaledCode.unscalable)))
                    allWantIn = false
                    continue
                }
                changes.append(
                    .init(
                        desired: count, policy: policy.name, cause: cause,
                        scaling: PolicyScaling(at: now, change: total)))
            }
        }
        let largest = changes.filter { allows($0, allWantIn) }.max { ($0.desired, $1.policy) < ($1.desired, $0.policy) }
        decision.change = largest
        // What is said of others would be about another count.
        if largest != nil { decision.notScaled = [] }
        return decision
    }

    private func allows(_ change: ScalingDecision.Change, _ allWantIn: Bool) -> Bool {
        change.desired > desired ? !suspension.scaleOut : !suspension.scaleIn && allWantIn
    }
}

extension PolicyReading {
    fileprivate func wish(_ snapshot: ScalingSnapshot) -> PolicyWish {
        switch rule {
        case .targetTracking(let policy): policy.wish(self, snapshot)
        case .stepScaling(let policy): policy.wish(self, snapshot)
        }
    }
}
