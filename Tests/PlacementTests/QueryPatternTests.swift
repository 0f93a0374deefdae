import Testing

@testable import Placement

@Suite("Regular expressions of the query language")
struct QueryPatternTests {
    @Test(
        "fit whole texts",
        arguments: [
            ("", "", true), ("", "a", false), ("abc", "abc", true), ("abc", "abcd", false), ("a.c", "a-c", true),
            ("a.c", "a\nc", false), ("t2.*", "t2.micro", true), ("t2.*", "t3.micro", false),
            ("(t2|m5)\\.(small|large)", "m5.large", true), ("(t2|m5)\\.(small|large)", "m5xlarge", false),
            ("[a-c]+[^0-9]", "abcx", true), ("[a-c]+[^0-9]", "abc1", false), ("[-.]", "-", true),
            ("[\\D]", "7", false), ("[\\Dx]", "é", true), ("\\w+-\\d{2,3}", "host_a-123", true),
            ("\\w+-\\d{2,3}", "host_a-1", false), ("a{2}", "aa", true), ("a{2,}", "aaaaa", true),
            ("a{0,1}b", "b", true), ("(?:ab)?c", "c", true), ("a|", "", true), ("^a$", "a", true),
            ("a^b", "ab", false), ("(a*)*", "aaa", true), ("(|a)+", "aa", true), (".*?x", "aax", true),
            ("\\s\\S", " a", true), ("(){50}a", "a", true), ("x{200}", String(repeating: "x", count: 200), true),
        ])
    func fits(pattern: String, text: String, expected: Bool) throws {
        #expect(try QueryPattern(pattern).matches(text) == expected)
    }

    @Test(
        "end soon where backtracking would not",
        .timeLimit(.minutes(1)), arguments: ["(a+)+", "(a|a)*", "(a|aa)+", "(.*)*", "([a-z]+)*", "(a?){30}a{30}"])
    func linear(pattern: String) throws {
        let text = String(repeating: "a", count: 128) + "!"
        #expect(try QueryPattern(pattern).matches(text) == (pattern == "(.*)*"))
    }
}
