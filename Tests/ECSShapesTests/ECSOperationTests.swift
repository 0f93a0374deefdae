import ECSShapes
import JSONBytes
import ShapeRules
import Testing

@Suite("ECS operations")
struct ECSOperationTests {
    @Test("all 77 are there, by their names on the wire")
    func names() {
        #expect(ECSOperation.allCases.count == 77)
        #expect(ECSOperation(rawValue: "RunTask") == .runTask)
        #expect(ECSOperation(rawValue: "runTask") == nil)
        #expect(ECSOperation.targetPrefix == "AmazonEC2ContainerServiceV20141113")
    }

    @Test("those that change nothing are known")
    func readOnly() {
        #expect(ECSOperation.describeTasks.isReadOnly)
        #expect(!ECSOperation.createCluster.isReadOnly)
        #expect(!ECSOperation.submitTaskStateChange.isReadOnly)
    }

    @Test("a request knows its operation and what answers it")
    func requests() throws {
        func operation<Request: ECSRequest>(_: Request.Type, answeredBy _: Request.Response.Type) -> ECSOperation {
            Request.operation
        }
        #expect(operation(ECSShapes.RunTaskRequest.self, answeredBy: ECSShapes.RunTaskResponse.self) == .runTask)
    }
}
