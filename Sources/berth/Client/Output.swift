import Foundation

/// What is said to a person who watches: on standard output, at once.
enum Output {
    static func say(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }
}
