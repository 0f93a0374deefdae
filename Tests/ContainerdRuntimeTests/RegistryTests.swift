import Domain
import Foundation
import TaskRuntime
import Testing

@testable import ContainerdRuntime

@Suite("A registry without TLS", .serialized, .enabled(if: RealRuntime.isWanted, "\(RealRuntime.skipped)"))
struct RegistryTests {
    @Test func `gives an image that then runs, and says what it does not have`() async throws {
        let registry = try await TestRegistry()
        defer { registry.stop() }
        try await registry.push(try RealRuntime.builder(), "team/web", tag: "1")
        try await RealRuntime.with(plainHTTPRegistries: [registry.authority]) { real in
            let reference = registry.authority + "/team/web:1"
            #expect(try await real.runtime.image(reference) == nil)
            let pulled = try await real.runtime.pull(reference, authorization: nil)
            #expect(pulled.reference == reference)
            #expect(pulled.digest == ImageConfig.digest(try RealRuntime.builder().parts().manifest))
            #expect(try await real.runtime.image(reference) == pulled)
            #expect(try await real.runtime.pull(reference, authorization: nil) == pulled)
            var container = real.shell("c1", "echo pulled $FROM_IMAGE; exit 6")
            container.definition.image = reference
            try await real.run(container)
            #expect(try await real.exitCode("c1") == 6)
            try await real.eventually { real.lines("c1") == ["pulled yes"] }
            for absent in ["/team/web:2", "/nobody/none:1"] {
                do {
                    _ = try await real.runtime.pull(registry.authority + absent, authorization: nil)
                    Issue.record("\(absent) is not there")
                } catch RuntimeError.notFound(let text) {
                    #expect(text.contains(absent))
                }
            }
        }
    }
}
