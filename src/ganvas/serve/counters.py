"""What the server counts, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Counters:
    """The counters of one server, in its registry. No label holds what a client sent."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        registry = self.registry
        self.requests = Counter(
            "ganvas_requests", "Answers, by route and status.", ["route", "status"], registry=registry
        )
        self.seconds = Histogram(
            "ganvas_request_seconds", "From a request to its answer.", ["route"], buckets=SECONDS, registry=registry
        )
        self.samples = Counter("ganvas_samples", "Samples that were sent, by model.", ["model"], registry=registry)
        self.translations = Counter(
            "ganvas_translations", "Translations that were sent, by model.", ["model"], registry=registry
        )
        self.waiting = Gauge("ganvas_waiting_requests", "Requests that wait or are computed.", registry=registry)
        self.passes = Histogram(
            "ganvas_pass_samples", "Samples that one pass of a generator made.", buckets=ROWS, registry=registry
        )
        self.refused = Counter("ganvas_refused_requests", "Requests that found the queue full.", registry=registry)
        self.left = Counter("ganvas_left_requests", "Requests whose client left before the answer.", registry=registry)
        self.late = Counter("ganvas_late_requests", "Requests that took longer than the limit.", registry=registry)

    def text(self) -> bytes:
        """All counters in the text format of Prometheus."""
        return generate_latest(self.registry)
