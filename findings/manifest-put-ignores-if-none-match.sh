#!/usr/bin/env bash
# A conditional PUT of a manifest is not heeded: of two clients that publish the same new tag, both succeed.
#
# Guess:     a registry that sends an ETag with a manifest answers 412 to `If-None-Match: *` where the tag is there
#            (RFC 9110 section 13.1.2).
# Seen:      201 twice, and the tag has the second content; an `If-Match` of another ETag changes nothing either.
# Versions:  CNCF Distribution v3.0.0 (sends ETag), go-containerregistry v0.20.3 (`crane registry serve`, sends none).
# Needs:     Go 1.26 or newer, curl. Nothing of Slipway.
set -euo pipefail

folder=$(mktemp -d)
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap cleanup EXIT
export GOBIN=$folder/bin GOFLAGS=-modcacherw
go install github.com/google/go-containerregistry/cmd/crane@v0.20.3
go install github.com/distribution/distribution/v3/cmd/registry@v3.0.0

cat >"$folder/config.yml" <<CONFIG
version: 0.1
storage: { filesystem: { rootdirectory: $folder/data } }
http: { addr: "127.0.0.1:5871" }
CONFIG
"$folder/bin/registry" serve "$folder/config.yml" >"$folder/registry.log" 2>&1 &
pids+=($!)
PORT=5872 "$folder/bin/crane" registry serve --address 127.0.0.1:5872 >"$folder/crane.log" 2>&1 &
pids+=($!)

media=application/vnd.oci.image.manifest.v1+json
# put HOST FILE [HEADER]: the status.
put() {
  curl -s -o /dev/null -w '%{http_code}' -X PUT -H "Content-Type: $media" ${3:+-H "$3"} --data-binary "@$2" \
    "http://$1/v2/finding/manifests/v1.0.0"
}
# A manifest of an artifact: its configuration is the empty object (OCI image specification, "Guidance for an empty descriptor").
printf '{}' >"$folder/empty"
digest=sha256:$(sha256sum "$folder/empty" | cut -d' ' -f1)
for name in first second; do
  printf '{"schemaVersion":2,"mediaType":"%s","artifactType":"text/%s","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":2},"layers":[{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":2}]}' \
    "$media" "$name" "$digest" "$digest" >"$folder/$name"
done

code=0
for host in 127.0.0.1:5871 127.0.0.1:5872; do
  for _ in $(seq 50); do curl -sf "http://$host/v2/" >/dev/null && break || sleep 0.2; done
  location=$(curl -s -D - -o /dev/null -X POST "http://$host/v2/finding/blobs/uploads/" |
    tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
  [[ $location == http* ]] || location=http://$host$location
  [[ $location == *\?* ]] && separator='&' || separator='?'
  curl -s -o /dev/null -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$folder/empty" \
    "$location${separator}digest=$digest"
  one=$(put "$host" "$folder/first" 'If-None-Match: *')
  two=$(put "$host" "$folder/second" 'If-None-Match: *')
  three=$(put "$host" "$folder/first" 'If-Match: "sha256:0000000000000000000000000000000000000000000000000000000000000000"')
  type=$(curl -s -H "Accept: $media" "http://$host/v2/finding/manifests/v1.0.0" | grep -o '"artifactType":"[^"]*"')
  seen="$one $two $three $type"
  echo "$host: $seen"
  [[ $seen == '201 201 201 "artifactType":"text/first"' ]] || code=1
done
((code == 0)) || echo "this has changed: see the header of this script" >&2
exit "$code"
