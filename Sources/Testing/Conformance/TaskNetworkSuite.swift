public import TaskNetwork

/// What every `TaskNetwork` promises, as checks that a real host's network and a fake both pass.
public struct TaskNetworkSuite: Sendable {
    /// A promise that was not kept.
    public struct Violation: Error, CustomStringConvertible {
        public var description: String
    }

    /// Prepared with `plan` by the checks themselves; nothing is attached yet.
    public var network: any TaskNetwork

    /// The block has a `/24` of addresses.
    static let plan = HostNetworkPlan(taskRange: "10.99.0.0/16", block: "10.99.3.0/24")
    /// Room for the gateway and one task.
    static let narrow = HostNetworkPlan(taskRange: "10.99.0.0/16", block: "10.99.3.0/30")

    public init(network: any TaskNetwork) { self.network = network }

    /// The promises, one by one.
    public enum Check: String, CaseIterable, Sendable {
        case nothingIsAttachedBeforeThePlan
        case aBlockOutsideTheRangeIsRefused
        case attachmentsDifferAndLieInTheBlock
        case everyCallMayBeRepeated
        case attachmentsAreThoseNotDetached
        case aTakenHostPortIsRefusedAndNamesWhoHasIt
        case onePortTwiceInARequestIsRefused
        case aRefusedRequestLeavesNothing
        case anIsolatedAttachmentHasNoAddress
        case aFullBlockIsExhausted
        case anotherBlockNeedsAFreeOldOne
        case tearingDownEndsEverything
    }

    /// Runs one check on a network that holds nothing, and tears it down, whatever came of it.
    public func verify(_ check: Check) async throws {
        let outcome: Result<Void, any Error>
        do {
            try await run(check)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try await network.tearDown()
        try outcome.get()
    }

    private func run(_ check: Check) async throws {
        switch check {
        case .nothingIsAttachedBeforeThePlan: try await beforePlan()
        case .aBlockOutsideTheRangeIsRefused: try await strayBlock()
        case .attachmentsDifferAndLieInTheBlock: try await distinct()
        case .everyCallMayBeRepeated: try await repeated()
        case .attachmentsAreThoseNotDetached: try await listed()
        case .aTakenHostPortIsRefusedAndNamesWhoHasIt: try await takenPort()
        case .onePortTwiceInARequestIsRefused: try await doublePort()
        case .aRefusedRequestLeavesNothing: try await refused()
        case .anIsolatedAttachmentHasNoAddress: try await isolated()
        case .aFullBlockIsExhausted: try await exhausted()
        case .anotherBlockNeedsAFreeOldOne: try await moved()
        case .tearingDownEndsEverything: try await tornDown()
        }
    }
}
