import ArgumentParser

/// Which installation of this machine is meant.
struct InstallationOptions: ParsableArguments {
    @Option(
        name: .customLong("data-dir"),
        help: ArgumentHelp("Where the installation keeps its state.", valueName: "directory"))
    var dataDirectory = InstallationFiles.standard

    var files: InstallationFiles { InstallationFiles(data: dataDirectory) }
}

extension InstallationOptions {
    /// The flag that names this installation again, for commands that are suggested.
    var flag: String {
        dataDirectory == InstallationFiles.standard ? "" : " --data-dir \(Env.quoted(dataDirectory))"
    }
}
