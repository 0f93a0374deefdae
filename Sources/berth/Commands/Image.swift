import ArgumentParser
import Foundation
import TaskRuntime

struct Image: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Images in this host's store.", subcommands: [Import.self, List.self])

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import an image from an OCI or Docker archive, without any registry.",
            discussion: """
                Task definitions name the image as the archive does. Import it on every host that shall run it. 'docker save' and \
                'skopeo copy … oci-archive:FILE' write such archives.
                """)

        @OptionGroup var installation: InstallationOptions

        @Argument(help: "The archive.")
        var file: String

        func run() async throws {
            let path = URL(fileURLWithPath: file).path
            guard FileManager.default.isReadableFile(atPath: path) else { throw CommandFailure("Cannot read \(path).") }
            var said: Set<RuntimeImage> = []
            for node in try Image.nodes(installation) {
                do {
                    for image in try await node.importImage(path) where said.insert(image).inserted {
                        Output.say("\(image.reference)  \(image.digest)")
                    }
                } catch let error as RuntimeError {
                    throw CommandFailure("Cannot import \(path): \(error).")
                }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the images in this host's store.",
            discussion: """
                An image that was imported says so: cleaning up leaves it alone unless --image-cleanup-imported was given to \
                'berth up' or 'berth agent'.
                """)

        @OptionGroup var installation: InstallationOptions

        func run() async throws {
            var images: Set<RuntimeImage> = []
            for node in try Image.nodes(installation) { images.formUnion(try await node.images()) }
            for image in images.sorted(by: { ($0.reference, $0.digest) < ($1.reference, $1.digest) }) {
                let size = "\(image.bytes) bytes" + (image.isImported ? ", imported" : "")
                Output.say("\(image.reference)  \(image.digest)  \(size)")
            }
        }
    }

    /// The hosts of this installation on this machine.
    private static func nodes(_ installation: InstallationOptions) throws -> [LocalNode] {
        let nodes = try LocalNode.known(installation.files)
        guard !nodes.isEmpty else {
            throw CommandFailure(
                "No host has run from \(installation.files.data) yet. Start one with 'berth up' or 'berth agent' first."
            )
        }
        return nodes
    }
}
