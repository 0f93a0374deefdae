import ArgumentParser
import Foundation
import TaskRuntime

struct Image: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Images in this host's store.", subcommands: [Import.self])

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import an image from an OCI or Docker archive, without any registry.",
            discussion: """
                Task definitions name the image as the archive does. Import it on every host that shall run it. 'docker save' and
                'skopeo copy … oci-archive:FILE' write such archives.
                """)

        @OptionGroup var installation: InstallationOptions

        @Argument(help: "The archive.")
        var file: String

        func run() async throws {
            let path = URL(fileURLWithPath: file).path
            guard FileManager.default.isReadableFile(atPath: path) else { throw CommandFailure("Cannot read \(path).") }
            let nodes = try LocalNode.known(installation.files)
            guard !nodes.isEmpty else {
                throw CommandFailure(
                    "No host has run from \(installation.files.data) yet. Start one with 'berth up' or 'berth agent' first."
                )
            }
            for node in nodes {
                do {
                    for image in try await node.importImage(path) { Output.say("\(image.reference)  \(image.digest)") }
                } catch let error as RuntimeError {
                    throw CommandFailure("Cannot import \(path): \(error).")
                }
            }
        }
    }
}
