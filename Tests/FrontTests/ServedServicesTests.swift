import AWSWire
import ECSShapes
import EventsShapes
import ShapeRules
import Testing

@testable import Front

@Suite("The services that are served")
struct ServedServicesTests {
    @Test(
        "are told apart by the target of a request",
        arguments: [
            ("AmazonEC2ContainerServiceV20141113.RunTask", "ecs"), ("AWSEvents.PutRule", "events"),
            ("AWSEventsX.PutRule", "ecs"), ("Logs_20140328.PutLogEvents", "logs"), ("Berth.JoinHost", "ecs"),
            ("", "ecs"), (nil, "ecs"),
        ] as [(String?, String)])
    func toldApart(target: String?, name: String) {
        #expect(ServedServices.service(of: target).signingName == name)
    }

    @Test("know their operations by name")
    func operations() {
        #expect(EventsOperation.putRule.target == "AWSEvents.PutRule")
        let events = ServedServices.service(of: "AWSEvents.x")
        let known = ["PutTargets", "RunTask"].filter { events.has($0) }
        #expect(known == ["PutTargets"])
        #expect(events.unserved.contains("CreateArchive") && !events.unserved.contains("PutTargets"))
    }
}
