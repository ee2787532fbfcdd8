"""What the process counts for Prometheus: no label is ever about a person."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
REQUESTS = Counter("regulars_requests_total", "Answers by page and status", ["page", "method", "status"],
                   registry=REGISTRY)
SECONDS = Histogram("regulars_request_seconds", "Time to an answer by page", ["page"], registry=REGISTRY,
                    buckets=(0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10))
JOBS = Gauge("regulars_jobs_open", "Jobs that wait or run", registry=REGISTRY)
ENDED = Counter("regulars_jobs_total", "Jobs that came to an end, by kind and how", ["kind", "state"],
                registry=REGISTRY)
JOB_SECONDS = Histogram("regulars_job_seconds", "Time a job took by kind", ["kind"], registry=REGISTRY,
                        buckets=(0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600))
ENGINE = Gauge("regulars_engine_memory_bytes", "Memory of the facts' engine by what for; what was lately "
               "read of the facts (BASE_TABLE) is kept up to REGULARS_MEMORY", ["tag"], registry=REGISTRY)
CUSTOMERS = Gauge("regulars_customers", "Customers in the shop", registry=REGISTRY)
