import Foundation
import Identifiers
import Testing

@Suite("Time")
struct TimeTests {
    @Test(
        "durations become whole milliseconds and nanoseconds, rounded towards zero",
        arguments: [
            (Duration.seconds(2), 2_000, 2_000_000_000), (.microseconds(1_500), 1, 1_500_000),
            (.microseconds(-1_500), -1, -1_500_000), (Duration(secondsComponent: 0, attosecondsComponent: 999), 0, 0),
        ] as [(Duration, Int64, Int64)])
    func whole(duration: Duration, milliseconds: Int64, nanoseconds: Int64) {
        #expect(duration.milliseconds == milliseconds)
        #expect(duration.nanoseconds == nanoseconds)
    }

    @Test("durations beyond 292 years are clamped, not trapped")
    func clamps() {
        #expect(Duration.seconds(Int64.max).nanoseconds == .max)
        #expect(Duration.seconds(Int64.min).nanoseconds == .min)
        #expect(Duration.seconds(10_000_000_000).nanoseconds == .max)
        #expect(Duration.seconds(-10_000_000_000).milliseconds == Int64.min / 1_000_000)
    }

    @Test("moments move by durations and know their distance")
    func moves() {
        #expect(Timestamp(milliseconds: 1_000).adding(.milliseconds(-1)) == Timestamp(milliseconds: 999))
        #expect(Timestamp(milliseconds: 1_500).seconds == 1.5)
        let later = Instant.zero.adding(.seconds(3))
        #expect(later.since(.zero) == .seconds(3))
        #expect(Instant.zero.since(later) == .seconds(-3))
    }

    @Test("a timestamp is stored as its milliseconds and comes back")
    func coding() throws {
        let stamps = [Timestamp(milliseconds: 1_790_000_000_123), Timestamp(milliseconds: -1)]
        let bytes = try JSONEncoder().encode(stamps)
        #expect(String(decoding: bytes, as: UTF8.self) == "[1790000000123,-1]")
        #expect(try JSONDecoder().decode([Timestamp].self, from: bytes) == stamps)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([Timestamp].self, from: Data(#"["now"]"#.utf8))
        }
    }
}
