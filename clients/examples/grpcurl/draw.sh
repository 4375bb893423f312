#!/bin/sh
# Draws a face over gRPC from a shell, with grpcurl, or with `buf curl` where there is no grpcurl:
#
#     ./draw.sh photo.jpg landmarks.json [map.png] > face.svg
#
# Neither needs the .proto files: they ask the service for its contract, by reflection.
# FACESVG_URL says where the suite listens, FACESVG_API_KEY is the key, where it wants one.
set -eu

url=${FACESVG_URL:-http://localhost:8000}
key=${FACESVG_API_KEY:+x-api-key: $FACESVG_API_KEY}

# Calls a method with the JSON messages of stdin, and prints those that are answered.
if command -v grpcurl >/dev/null; then
  case $url in https://*) plain= ;; *) plain=-plaintext ;; esac
  call() {
    grpcurl $plain -max-time 60 ${key:+-H "$key"} -d @ "${url#*://}" "facesvg.v1.GatewayService/$1"
  }
else
  case $url in https://*) plain= ;; *) plain=--http2-prior-knowledge ;; esac
  call() {
    buf curl --protocol grpc $plain ${key:+--header "$key" --reflect-header "$key"} --data @- \
      "$url/facesvg.v1.GatewayService/$1"
  }
fi

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
  echo "usage: $0 photo landmarks [map] > face.svg" >&2
  exit 2
fi

options='"options": {"preset": "zones27", "region_opacity": 0.6}'

# Bytes are base64 in JSON. A piece of 262143 bytes, just below the 256 KiB that the contract
# recommends, is 349524 characters and leaves no padding between pieces.
base64_of() { base64 | tr -d '\n'; }
sha256_of() { openssl dgst -sha256 -binary "$1" | base64_of; }
chunks() {
  base64_of < "$2" | fold -w 349524 | sed "s|.*|{\"chunk\": {\"part\": \"$1\", \"data\": \"&\"}}|"
  echo
}

# Digests of what is large: they are enough to ask whether it is drawn already.
description() {
  printf '{%s, "image_sha256": "%s", "landmarks": "%s"' \
    "$options" "$(sha256_of "$1")" "$(base64_of < "$2")"
  printf '%s}' "${3:+, \"segmentation_map_sha256\": \"$(sha256_of "$3")\"}"
}

# The upload: a header, each part in pieces, and `finish`, without which it counts as cut off.
upload() {
  echo "{\"header\": {$options}}"
  chunks PART_IMAGE "$1"
  chunks PART_LANDMARKS "$2"
  [ -z "${3:-}" ] || chunks PART_SEGMENTATION_MAP "$3"
  echo '{"finish": {}}'
}

if found=$(description "$@" | call FindByInputs 2>/dev/null); then
  echo "known already, nothing was uploaded" >&2
else
  found=$(upload "$@" | call Submit)
fi
task=$(echo "$found" | sed -n 's/.*"task_*[Ii]d": *"\([^"]*\)".*/{"task_id": "\1"}/p')

# A record now and on every change, the last one final.
echo "$task" | call WatchTask | while read -r line; do
  case $line in
    '"status"'* | '"progress"'* | '"step"'* | '"type"'* | '"message"'*) echo "${line%,}" >&2 ;;
  esac
done

# The drawing comes in pieces.
pieces=$(echo "$task" | call GetSvg)
echo "$pieces" | sed -n 's/.*"data": *"\([^"]*\)".*/\1/p' | while read -r piece; do
  echo "$piece" | base64 -d
done
