// Server-sent events out of a fetched body: EventSource cannot send an API key.

/** Yields the JSON of each event of an answer. */
export async function* events(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    waiting += value;
    const whole = waiting.split(/\r?\n\r?\n/);
    waiting = whole.pop();
    for (const event of whole) yield* parsed(event);
  }
}

function* parsed(event) {
  const lines = event.split(/\r?\n/).filter((line) => line.startsWith("data:"));
  if (lines.length) yield JSON.parse(lines.map((line) => line.slice(5)).join("\n"));
}
