import Domain
import Identifiers
import TaskRuntime
import Testing

@testable import NodeAgent

@Suite("A task's mailbox")
struct TaskMailboxTests {
    private static func taken(_ mailbox: TaskMailbox) -> [TaskInput] {
        var inputs: [TaskInput] = []
        while let input = mailbox.take() { inputs.append(input) }
        return inputs
    }

    @Test("keeps the order, and an input that waits already only once")
    func keepsOrder() {
        let mailbox = TaskMailbox()
        for _ in 0..<1_000 { mailbox.send(.detached(id: "a")) }
        mailbox.send(.stop)
        mailbox.send(.detached(id: "b"))
        mailbox.send(.stop)
        #expect(Self.taken(mailbox) == [.detached(id: "a"), .stop, .detached(id: "b")])
        mailbox.send(.stop)
        #expect(Self.taken(mailbox) == [.stop])
    }

    @Test("keeps the newest of listings, whichever came last")
    func keepsNewestListing() {
        let mailbox = TaskMailbox()
        let early = TaskInput.listed([], asked: .zero)
        let late = TaskInput.listed([], asked: .zero.adding(.seconds(1)))
        mailbox.send(early)
        mailbox.send(.stop)
        mailbox.send(late)
        mailbox.send(early)
        #expect(Self.taken(mailbox) == [.stop, late])
    }

    @Test("wakes its runner for what came before it listened")
    func wakes() async {
        let mailbox = TaskMailbox()
        mailbox.send(.timer)
        mailbox.send(.stop)
        var wakes = mailbox.wakes.makeAsyncIterator()
        let wake: Void? = await wakes.next()
        #expect(wake != nil)
        #expect(Self.taken(mailbox) == [.timer, .stop])
    }
}
