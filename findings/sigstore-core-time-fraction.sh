#!/usr/bin/env bash
# A time stamp whose fraction of a second has one or two digits is refused by @sigstore/core.
#
# Guess:     a GeneralizedTime in DER is read whatever the length of its fraction: DER has no zeros at its end
#            (X.690, 11.7.3; RFC 3161, 2.4.2), so a tenth of all milliseconds are written with fewer than three digits.
# Seen:      `.123Z` is read, as the whole second; `.12Z` and `.1Z` throw "invalid time". asn1js writes these for 120 and 100 ms.
#            A bundle with such a time stamp does not verify with sigstore-js.
# Versions:  @sigstore/core 3.2.1, asn1js 3.1.0.
# Needs:     Node 22 or newer with npm. Nothing of Slipway.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --ignore-scripts --no-audit --no-fund --save-exact @sigstore/core@3.2.1 asn1js@3.1.0

cat >read.cjs <<'SCRIPT'
const { GeneralizedTime } = require("asn1js");
const { ASN1Obj } = require("@sigstore/core");
const read = (milliseconds) => {
  const time = new GeneralizedTime({ valueDate: new Date(Date.UTC(2026, 0, 1, 0, 0, 0, milliseconds)) });
  const bytes = Buffer.from(time.toBER());
  try {
    return `${bytes.subarray(2)}: ${ASN1Obj.parseBuffer(bytes).toDate().toISOString()}`;
  } catch (error) {
    return `${bytes.subarray(2)}: ${error.message}`;
  }
};
console.log([0, 123, 120, 100].map(read).join("\n"));
SCRIPT
seen=$(node read.cjs)
echo "$seen"
[[ $seen == "20260101000000Z: 2026-01-01T00:00:00.000Z
20260101000000.123Z: 2026-01-01T00:00:00.000Z
20260101000000.12Z: invalid time
20260101000000.1Z: invalid time" ]] || { echo "this has changed: see the header of this script" >&2; exit 1; }
