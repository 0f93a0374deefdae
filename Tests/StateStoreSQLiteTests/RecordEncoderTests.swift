import Domain
import Foundation
import Testing

@testable import StateStoreSQLite

@Suite("Records as JSON")
struct RecordEncoderTests {
    /// Every form in which a synthesised or a written conformance asks for containers.
    struct Sample: Codable, Equatable {
        enum Choice: Codable, Equatable {
            case none
            case one(Int)
            case two(name: String, deep: [Choice])
        }
        enum Named: String, Codable { case first = "1st" }
        struct Empty: Codable, Equatable {}
        struct Nested: Codable, Equatable {
            var inner: [[Int]]
            enum Outside: CodingKey { case wrapped }
            enum Inside: CodingKey { case inner, after }

            init(_ inner: [[Int]]) { self.inner = inner }

            init(from decoder: any Decoder) throws {
                let outside = try decoder.container(keyedBy: Outside.self)
                inner = try outside.nestedContainer(keyedBy: Inside.self, forKey: .wrapped).decode(
                    [[Int]].self, forKey: .inner)
            }

            func encode(to encoder: any Encoder) throws {
                var outside = encoder.container(keyedBy: Outside.self)
                var inside = outside.nestedContainer(keyedBy: Inside.self, forKey: .wrapped)
                try inside.encode(inner, forKey: .inner)
                var list = inside.nestedUnkeyedContainer(forKey: .after)
                try list.encode(1)
                try list.encodeNil()
            }
        }

        var text = "a\"\\/\u{1}\n\u{2028}é🚢"
        var bytes: [UInt8] = [0, 255]
        var wide = UInt64.max
        var narrow = Int64.min
        var fraction = -0.1
        var yes = true
        var absent: String?
        var holes: [Int?] = [1, nil, 3]
        var empties = [Empty(), Empty()]
        var nothing: [String] = []
        var names: [String: Choice] = ["": .none, "a b": .one(-1)]
        var numbers: [Int: String] = [7: "seven"]
        var choice = Choice.two(name: "x", deep: [.none, .one(2)])
        var named = Named.first
        var nested = Nested([[1], [], [2, 3]])
    }

    @Test("what is encoded is read back by Foundation")
    func roundTrip() throws {
        let bytes = try RecordEncoder().encode([Sample(), Sample(absent: "here")])
        #expect(try JSONDecoder().decode([Sample].self, from: Data(bytes)) == [Sample(), Sample(absent: "here")])
    }

    @Test("scalars stand for themselves")
    func scalars() throws {
        #expect(try RecordEncoder().encode("a") == Array(#""a""#.utf8))
        #expect(try RecordEncoder().encode(Int?.none) == Array("null".utf8))
        #expect(try RecordEncoder().encode(Sample.Empty()) == Array("{}".utf8))
    }

    @Test("a number that is not finite is refused")
    func infinity() {
        #expect(throws: EncodingError.self) { try RecordEncoder().encode([Double.infinity]) }
    }

    @Test("a container that is written to after its parent went on is refused")
    func disorder() {
        struct Disorderly: Encodable {
            enum Key: CodingKey { case a, b }
            func encode(to encoder: any Encoder) throws {
                var outside = encoder.container(keyedBy: Key.self)
                var inside = outside.nestedUnkeyedContainer(forKey: .a)
                try inside.encode(1)
                try outside.encode(2, forKey: .b)
                try inside.encode(3)
            }
        }
        #expect(throws: EncodingError.self) { try RecordEncoder().encode(Disorderly()) }
    }
}
