import AWSWire
import Domain
import Identifiers
import MetricStore
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Prometheus' page")
struct PrometheusTests {
    private static let page = PrometheusPage(
        metrics: MemoryMetricStore(), uses: TaskUseBoard(), token: "secret"
    ) { PrometheusPage.ProcessFigures(cpuSeconds: 1.5, residentBytes: 4096, openFiles: 7, startedAt: 10) }

    @Test(
        "names are words of small letters",
        arguments: [
            ("CPUUtilization", "cpu_utilization"), ("AWS/ECS", "aws_ecs"),
            ("HTTPCode_ELB_5XX_Count", "http_code_elb_5xx_count"),
            ("My metric!", "my_metric_"), ("5xx", "_5xx"), ("", "_"), ("TargetResponseTime", "target_response_time"),
        ])
    func names(_ text: String, _ name: String) { #expect(PrometheusText.name(text) == name) }

    @Test("labels are escaped, numbers written in full")
    func format() {
        var text = PrometheusText()
        text.family(
            "a", .gauge, "Of \\ and\nlines.", [(labels: [("l", "\"x\\\n")], value: 0.25), (labels: [], value: 3)])
        text.value("b", .counter, "None.", .nan)
        text.family("c", .gauge, "Nothing.", [])
        #expect(
            String(decoding: text.bytes, as: UTF8.self) == """
                # HELP a Of \\\\ and\\nlines.
                # TYPE a gauge
                a{l="\\"x\\\\\\n"} 0.25
                a 3
                # HELP b None.
                # TYPE b counter
                b NaN

                """)
    }

    @Test("tells the newest of each metric, and the server's own figures")
    func page() async throws {
        let metrics = MemoryMetricStore()
        let now = Timestamp(milliseconds: 1_800_000_000_000)
        let scope = Scope(account: "000000000000", region: "us-east-1")
        for (age, value) in [(400, 1.0), (60, 20), (5, 30)] {
            let metric = MetricID(
                scope: scope, namespace: "AWS/ECS", name: "CPUUtilization",
                dimensions: [KeyValue(key: "ClusterName", value: age == 400 ? "old" : "main")])
            let sample = MetricSample(
                metric: metric, time: now.adding(.seconds(-age)), unit: .percent, statistics: StatisticSet(value))
            try metrics.record([sample], mark: nil, now: now)
        }
        let page = PrometheusPage(metrics: metrics, uses: TaskUseBoard(), token: "t", process: Self.page.process)
        let counts = RequestCounts()
        counts.count("RunTask", "ok")
        counts.count("RunTask", "ok")
        let bytes = page.text(
            state: StateSnapshot(), presence: HostPresence(startedAt: .zero), requests: counts.all, now: now)
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        #expect(lines.contains(#"aws_ecs_cpu_utilization_average{cluster_name="main",unit="Percent"} 30"#))
        #expect(!lines.contains { $0.contains("old") })
        #expect(lines.contains(#"berth_requests_total{operation="RunTask",result="ok"} 2"#))
        #expect(lines.contains("process_cpu_seconds_total 1.5"))
        #expect(lines.contains("berth_metrics 2"))
    }

    @Test("metrics that it could not tell apart are told once")
    func apart() async throws {
        let metrics = MemoryMetricStore()
        let now = Timestamp(milliseconds: 1_800_000_000_000)
        let scope = Scope(account: "000000000000", region: "us-east-1")
        for (name, dimension) in [("My Metric", "Host"), ("My_Metric", "host"), ("My Metric", "Rack")] {
            let metric = MetricID(
                scope: scope, namespace: "Shop", name: name, dimensions: [KeyValue(key: dimension, value: "a")])
            let sample = MetricSample(metric: metric, time: now, unit: .count, statistics: StatisticSet(1))
            try metrics.record([sample], mark: nil, now: now)
        }
        let page = PrometheusPage(metrics: metrics, uses: TaskUseBoard(), token: "t", process: Self.page.process)
        let bytes = page.text(
            state: StateSnapshot(), presence: HostPresence(startedAt: .zero), requests: [:], now: now)
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        #expect(
            lines.filter { $0.hasPrefix("shop_my_metric_sum{") } == [
                #"shop_my_metric_sum{host="a",unit="Count"} 1"#, #"shop_my_metric_sum{rack="a",unit="Count"} 1"#,
            ])
    }

    @Test("a token is asked for where others reach the front")
    func access() {
        let page = Self.page
        #expect(page.admits("Bearer secret"))
        for wrong in [nil, "", "Bearer", "Bearer secre", "Bearer secret1", "secret", "bearer secret"] {
            #expect(!page.admits(wrong))
        }
    }
}
