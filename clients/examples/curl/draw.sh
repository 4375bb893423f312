#!/bin/sh
# Draws a face over REST, with a POSIX shell and curl 7.76 or newer:
#
#     ./draw.sh photo.jpg landmarks.json [map.png] > face.svg
#
# FACESVG_URL says where the suite listens, FACESVG_API_KEY is the key, where it wants one.
set -eu

api=${FACESVG_URL:-http://localhost:8000}/api/v1/frontal/crop
notes=${XDG_CACHE_HOME:-$HOME/.cache}/facesvg

say() { printf '%s\n' "$*" >&2; }

# Asks the service. An error's JSON is printed too, and curl fails.
ask() {
  curl --silent --fail-with-body --max-time 60 \
    ${FACESVG_API_KEY:+--header "x-api-key: $FACESVG_API_KEY"} "$@"
}

# The first text of that name in a line of JSON; `jq -r .name` is the same where there is jq.
text() {
  rest=${2#*\""$1"\":\"}
  [ "$rest" = "$2" ] || printf '%s' "${rest%%\"*}"
}

# Ends with an error: its `reason` is for programs, its `message` for people.
fail() {
  case $1 in
    *'"reason"'*) say "$(text reason "$1"): $(text message "$1")" ;;
    *) say "no answer from $api" ;;
  esac
  exit 1
}

submit() {
  ask "$api/submit" --form "image=@$1" --form "landmarks=@$2" ${3:+--form "segmentation_map=@$3"} \
    --form preset=zones27 --form region_opacity=0.6
}

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
  say "usage: $0 photo landmarks [map] > face.svg"
  exit 2
fi

# What was drawn before has an input hash; with it the service is asked without any upload.
digest=$(cat "$@" | { sha256sum 2>/dev/null || shasum -a 256; } | cut -c 1-64)
note=$notes/$digest
if [ -f "$note" ] && task=$(ask "$api/lookup/$(cat "$note")"); then
  say "known already, nothing was uploaded"
else
  task=$(submit "$@") || fail "$task"
  mkdir -p "$notes"
  text input_hash "$task" > "$note"
fi

# Server-sent events: a record now and on every change, the last one final.
task_id=$(text task_id "$task")
ask --no-buffer --max-time 120 "$api/watch/$task_id" | while read -r event; do
  case $event in
    data:*)
      progress=${event#*\"progress\":}
      say "$(text status "$event") ${progress%%,*} % $(text step "$event")"
      ;;
  esac
  case $event in
    *'"error":{'*) say "$(text type "$event"): $(text message "$event")" ;;
  esac
done

drawing=$(ask "$api/svg/$task_id") || fail "$drawing"
printf '%s\n' "$drawing"
