"""TinyOlly's OTLP receiver, a small stand-in: it takes OTLP over gRPC and tells over HTTP how much of it came."""

import json
import os
import sys
import urllib.request
from concurrent import futures
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = int(os.environ.get("PORT", "4343"))
STATUS_PORT = int(os.environ.get("STATUS_PORT", "4344"))

if "--health" in sys.argv:
    with urllib.request.urlopen(f"http://127.0.0.1:{STATUS_PORT}/health", timeout=3):
        sys.exit(0)

import grpc
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2_grpc as logs_grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2_grpc as metrics_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as traces_grpc

received = {"spans": 0, "metrics": 0, "logs": 0}


class Traces(traces_grpc.TraceServiceServicer):
    def Export(self, request, context):
        received["spans"] += sum(len(scope.spans) for of in request.resource_spans for scope in of.scope_spans)
        return traces.ExportTraceServiceResponse()


class Metrics(metrics_grpc.MetricsServiceServicer):
    def Export(self, request, context):
        received["metrics"] += sum(len(scope.metrics) for of in request.resource_metrics for scope in of.scope_metrics)
        return metrics.ExportMetricsServiceResponse()


class Logs(logs_grpc.LogsServiceServicer):
    def Export(self, request, context):
        received["logs"] += sum(len(scope.log_records) for of in request.resource_logs for scope in of.scope_logs)
        return logs.ExportLogsServiceResponse()


class Status(BaseHTTPRequestHandler):
    def do_GET(self):
        answers = {"/health": {"status": "ok"}, "/received": received}
        body = json.dumps(answers.get(self.path, {})).encode()
        self.send_response(200 if self.path in answers else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        """Health checks are no news."""


# One worker: the counts need no lock.
server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
traces_grpc.add_TraceServiceServicer_to_server(Traces(), server)
metrics_grpc.add_MetricsServiceServicer_to_server(Metrics(), server)
logs_grpc.add_LogsServiceServicer_to_server(Logs(), server)
server.add_insecure_port(f"0.0.0.0:{PORT}")
server.start()
ThreadingHTTPServer(("0.0.0.0", STATUS_PORT), Status).serve_forever()
