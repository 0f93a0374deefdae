import AWSWire
import Domain

extension ServiceRecord {
    /// This service as the answer to a second request for it; nil when it is gone and its name is free.
    ///
    /// - Parameter other: what the second request would make.
    /// - Throws: `InvalidParameterException` when the request asks for something else, or while the service drains.
    func made(again other: ServiceRecord) throws(APIFault) -> ServiceRecord? {
        switch status {
        case .inactive: return nil
        case .draining: throw .invalidParameter("Unable to Start a service that is still Draining.")
        case .active:
            // A retry of the request that made it is one, whatever updates came between.
            let isRetry = clientToken != nil && clientToken == other.clientToken && requestDigest == other.requestDigest
            guard isRetry || isSameIntent(as: other) else {
                throw .invalidParameter("Creation of service was not idempotent.")
            }
            return self
        }
    }

    /// Whether a second request asks for what the first made: everything but ids, times and progress.
    private func isSameIntent(as other: ServiceRecord) -> Bool {
        var mine = self
        mine.deployments = other.deployments
        mine.taskSets = other.taskSets
        mine.events = other.events
        mine.createdAt = other.createdAt
        mine.createdBy = other.createdBy
        mine.clientToken = other.clientToken
        mine.requestDigest = other.requestDigest
        if schedulingStrategy == .daemon { mine = mine.desiring(.hosts(count: other.desiredCount)) }
        mine.isSteady = other.isSteady
        if controller == .external {
            // The primary task set's.
            mine.taskDefinition = other.taskDefinition
            mine.launchType = other.launchType
            mine.capacityProviderStrategy = other.capacityProviderStrategy
            mine.platformVersion = other.platformVersion
            mine.networkConfiguration = other.networkConfiguration
        }
        return mine == other
    }
}
