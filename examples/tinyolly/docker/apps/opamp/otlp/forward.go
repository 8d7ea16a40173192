// Package otlp passes telemetry on, unread: over gRPC, or from HTTP to gRPC.
package otlp

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
)

// services by the path of OTLP over HTTP.
var services = map[string]string{
	"/v1/traces":  "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
	"/v1/metrics": "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
	"/v1/logs":    "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
}

// largest message that is taken, in bytes.
const largest = 16 << 20

// Forwarder sends what it takes to a gRPC server without TLS.
type Forwarder struct {
	endpoint string
	client   *http.Client
}

// NewForwarder for an endpoint as host:port.
func NewForwarder(endpoint string) *Forwarder {
	return &Forwarder{endpoint, &http.Client{Transport: &http.Transport{Protocols: OverHTTP2()}}}
}

// OverHTTP2 without TLS is what gRPC speaks.
func OverHTTP2() *http.Protocols {
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	return &protocols
}

// HTTP takes OTLP over HTTP.
func (f *Forwarder) HTTP(w http.ResponseWriter, r *http.Request) {
	service, known := services[r.URL.Path]
	if !known || r.Method != http.MethodPost {
		http.NotFound(w, r)
		return
	}
	if r.Header.Get("Content-Type") != "application/x-protobuf" {
		http.Error(w, "application/x-protobuf is expected", http.StatusUnsupportedMediaType)
		return
	}
	message, err := io.ReadAll(io.LimitReader(r.Body, largest))
	if err != nil {
		return
	}
	header := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message)))
	answer, status, reason := f.send(service, append(header, message...))
	if status != "0" || len(answer) < len(header) {
		http.Error(w, fmt.Sprintf("%s does not take it: %s %s", f.endpoint, status, reason), http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
	w.Write(answer[len(header):])
}

// GRPC takes OTLP over gRPC.
func (f *Forwarder) GRPC(w http.ResponseWriter, r *http.Request) {
	frame, err := io.ReadAll(io.LimitReader(r.Body, largest))
	if err != nil {
		return
	}
	answer, status, reason := f.send(r.URL.Path, frame)
	w.Header().Set("Content-Type", "application/grpc")
	w.Header().Set("Trailer", "Grpc-Status, Grpc-Message")
	w.Write(answer)
	w.Header().Set("Grpc-Status", status)
	w.Header().Set("Grpc-Message", reason)
}

// send returns the answer's frame, and the status of gRPC with its reason.
func (f *Forwarder) send(service string, frame []byte) (answer []byte, status, reason string) {
	const unavailable = "14"
	request, err := http.NewRequest(http.MethodPost, "http://"+f.endpoint+service, bytes.NewReader(frame))
	if err != nil {
		return nil, unavailable, err.Error()
	}
	request.Header.Set("Content-Type", "application/grpc")
	request.Header.Set("TE", "trailers")
	response, err := f.client.Do(request)
	if err != nil {
		return nil, unavailable, err.Error()
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(response.Body, largest))
	if err != nil {
		return nil, unavailable, err.Error()
	}
	// An answer without content has its status among the headers.
	for _, from := range []http.Header{response.Trailer, response.Header} {
		if status := from.Get("Grpc-Status"); status != "" {
			return answer, status, from.Get("Grpc-Message")
		}
	}
	return nil, unavailable, response.Status
}
