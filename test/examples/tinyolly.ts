/** What TinyOlly ships, as its requirements name it. */

export const imageNames = ["python-base", "ui", "otlp-receiver", "opamp-server", "otel-supervisor"] as const;
