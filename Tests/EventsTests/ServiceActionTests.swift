import Domain
import Identifiers
import TestKit
import Testing

@testable import Deployments
@testable import Events
@testable import Placement

@Suite("Service actions of service events")
struct ServiceActionTests {
    private static let service = ServiceID(cluster: .test, name: "web")
    private static let tasks = [TaskID(cluster: .test, id: "a")]
    private static let deployment = DeploymentID(rawValue: "ecs-svc/1")

    static let texts: [(String, ServiceAction.Name?)] = [
        (ServiceMessage.steady(service).text, .steadyState),
        (ServiceMessage.stopped(tasks, service: service).text, .tasksStopped),
        (ServiceMessage.stopped(tasks, in: "a", service: service).text, .tasksStopped),
        (ServiceMessage.started(tasks, in: "a", service: service).text, .tasksStarted),
        (ServiceMessage.unbalanced([("a", 2), ("b", 0)], service: service).text, .rebalancingStarted),
        (ServiceMessage.balanced([("a", 1), ("b", 1)], service: service).text, .rebalancingCompleted),
        (ServiceMessage.failingStarts(service).text, .startImpaired),
        (ServiceMessage.started(tasks, service: service).text, nil),
        (ServiceMessage.completed(deployment, service: service).text, nil),
        (ServiceMessage.failed(deployment, service: service, because: "tasks failed to start.").text, nil),
        (ServiceMessage.rollingBack(to: deployment, service: service).text, nil),
        (ServiceMessage.unhealthy(tasks[0], .container, service: service).text, nil),
        (ServiceMessage.stuck(service).text, nil),
        (ServiceMessage.protected(deployment, service: service).text, nil),
        ("(service web) has settings that have no effect here: tags (nothing was unable to place a task)", nil),
        ("has reached a steady state.", nil),
    ]

    @Test("are told by every text that has one", arguments: texts)
    func names(text: String, name: ServiceAction.Name?) {
        #expect(ServiceAction(text)?.name == name, "\(text)")
    }

    @Test("name why a placement failed", arguments: PlacementRefusal.allCases)
    func placements(refusal: PlacementRefusal) {
        let failure = PlacementFailure(
            task: Self.tasks[0], launchType: .ec2, capacityProvider: nil, refusals: [],
            closest: PlacementRejection(instance: .test("h"), refusal: refusal))
        let action = ServiceAction(failure.event(service: Self.service))
        #expect(action == ServiceAction(.placementFailure, reason: refusal.code))
        #expect(action?.severity == .error)
    }

    @Test("name what is missing where there is no host at all, and Fargate's want of capacity")
    func noHosts() {
        let none = PlacementFailure(
            task: Self.tasks[0], launchType: .ec2, capacityProvider: nil, refusals: [], closest: nil)
        #expect(
            ServiceAction(none.event(service: Self.service))?.reason
                == "No Container Instances were found in your cluster.")
        let managed = PlacementFailure(
            task: Self.tasks[0], launchType: .fargate, capacityProvider: nil, refusals: [], closest: nil)
        #expect(ServiceAction(managed.event(service: Self.service))?.reason == "RESOURCE:FARGATE")
    }
}
