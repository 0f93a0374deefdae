import AWSWire
import Testing

struct HTTPDatesTests {
    @Test(
        arguments: [
            (784_111_777_000, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
            (951_782_399_999, "Mon, 28 Feb 2000 23:59:59 GMT"),
            (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 GMT"),
        ] as [(Int64, String)])
    func secondsHaveTheirTexts(milliseconds: Int64, text: String) {
        #expect(HTTPDates().text(at: milliseconds) == text)
    }

    @Test func theLastOneIsKeptForItsSecondOnly() {
        let dates = HTTPDates()
        let texts = [999, 1_000, 1_999, 2_000, 0].map { dates.text(at: $0).suffix(6) }
        #expect(texts == ["00 GMT", "01 GMT", "01 GMT", "02 GMT", "00 GMT"])
    }
}
