import ContainerdRuntime
import Foundation

/// Makes the demo's image on the spot from Debian's static busybox: a web server that says who it is.
enum DemoImage {
    private static let busybox = ["/bin/busybox", "/usr/bin/busybox"]

    private static let script = """
        #!/bin/sh
        # Answers every request with who is answering.
        address=$(hostname -i 2>/dev/null | cut -d' ' -f1)
        echo "${GREETING:-Hello from Berth}: task $(hostname), address $address" >/page
        echo "serving on port 80"
        # A container's first process gets no default signal handling: without the trap SIGTERM would be ignored.
        httpd -f -v -p 80 -h /www &
        trap 'kill $!' TERM
        wait
        """

    /// The page, made anew for each request: a file's ETag is its time and size, which two tasks may share.
    private static let page = """
        #!/bin/sh
        echo "Content-Type: text/plain"
        echo "Cache-Control: no-store"
        echo
        cat /page
        """

    /// - Parameter scratch: a directory for the archive; removed again.
    static func make(in runtime: ContainerdRuntime, scratch: String) async throws {
        guard let path = busybox.first(where: FileManager.default.isExecutableFile),
            let program = FileManager.default.contents(atPath: path)
        else {
            throw CommandFailure(
                "The demo's image is made from busybox, which is not at /bin/busybox: install busybox-static.")
        }
        let tools = [
            "sh", "httpd", "hostname", "cut", "mkdir", "echo", "wget", "cat", "ls", "ps", "sleep", "kill", "ip",
        ]
        let builder = ImageBuilder(
            entries: [
                .directory(path: "bin", mode: 0o755), .file(path: "bin/busybox", mode: 0o755, content: program),
                .directory(path: "etc", mode: 0o755), .directory(path: "tmp", mode: 0o1777),
                .file(path: "serve", mode: 0o755, content: Data(script.utf8)),
                .directory(path: "www", mode: 0o755), .directory(path: "www/cgi-bin", mode: 0o755),
                .file(path: "www/cgi-bin/index.cgi", mode: 0o755, content: Data(page.utf8)),
            ] + tools.map { .link(path: "bin/\($0)", target: "busybox") },
            command: ["/serve"], environment: ["PATH=/bin"])
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let archive = scratch + "/demo.tar"
        try builder.archive(reference: DemoDeployment.image).write(to: URL(fileURLWithPath: archive))
        _ = try await runtime.importImage(archive: archive)
    }
}
