/// A line of `iptables-save`, taken apart as its own quoting puts it together.
enum SavedRule {
    /// The words of a line; quotes group, a backslash takes the next character as it is.
    static func words(_ line: Substring) -> [String] {
        var words: [String] = []
        var word = ""
        var started = false
        var quoted = false
        var escaped = false
        for character in line {
            if escaped {
                word.append(character)
                escaped = false
            } else if character == "\\" {
                escaped = true
                started = true
            } else if character == "\"" {
                quoted.toggle()
                started = true
            } else if character == " ", !quoted {
                if started { words.append(word) }
                word = ""
                started = false
            } else {
                word.append(character)
                started = true
            }
        }
        if started { words.append(word) }
        return words
    }

    /// Arguments that delete every rule which jumps to one of `chains`.
    static func deletions(ofJumpsTo chains: Set<String>, in saved: String) -> [[String]] {
        saved.split(whereSeparator: \.isNewline).compactMap { line in
            let words = words(line)
            guard words.first == "-A", let jump = words.firstIndex(of: "-j"), jump + 1 < words.count,
                chains.contains(words[jump + 1])
            else { return nil }
            return ["-D"] + words.dropFirst()
        }
    }
}
