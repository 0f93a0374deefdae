/// The signal that an image wants for the end of its process.
enum StopSignal {
    /// SIGTERM, what a process without a `STOPSIGNAL` gets.
    static let usual: Int32 = 15
    /// Linux's real-time signals, as the C library numbers them: the first two are its own.
    private static let bounds: (first: Int32, last: Int32) = (34, 64)

    private static let numbers: [String: Int32] = [
        "HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "TRAP": 5, "ABRT": 6, "IOT": 6, "BUS": 7, "FPE": 8, "KILL": 9,
        "USR1": 10, "SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15, "STKFLT": 16, "CHLD": 17, "CONT": 18,
        "STOP": 19, "TSTP": 20, "TTIN": 21, "TTOU": 22, "URG": 23, "XCPU": 24, "XFSZ": 25, "VTALRM": 26, "PROF": 27,
        "WINCH": 28, "IO": 29, "POLL": 29, "PWR": 30, "SYS": 31,
    ]

    /// The number of `SIGQUIT`, `quit`, `3`, `SIGRTMIN+3` or `SIGRTMAX-1`; nil for anything else.
    ///
    /// - Source: OCI image specification, "StopSignal"
    static func number(_ text: String) -> Int32? {
        if let number = Int32(text) { return (1...bounds.last).contains(number) ? number : nil }
        var name = text.uppercased()[...]
        if name.hasPrefix("SIG") { name = name.dropFirst(3) }
        if name.hasPrefix("RTMIN") { return realTime(name.dropFirst(5), sign: "+") { bounds.first + $0 } }
        if name.hasPrefix("RTMAX") { return realTime(name.dropFirst(5), sign: "-") { bounds.last - $0 } }
        return numbers[String(name)]
    }

    private static func realTime(_ rest: Substring, sign: Character, _ number: (Int32) -> Int32) -> Int32? {
        if rest.isEmpty { return number(0) }
        guard rest.first == sign, let step = Int32(rest.dropFirst()),
            (0...bounds.last - bounds.first).contains(step)
        else { return nil }
        return number(step)
    }
}
