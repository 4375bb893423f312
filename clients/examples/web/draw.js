// Draws a face from a web page over gRPC-Web: `npm install && npm start`, then http://127.0.0.1:8080.
//
// gRPC-Web has no client streams, so the one call with a large upload, `Submit`, goes over REST on
// the same port; everything else is gRPC. `?suite=https://faces.example` names another suite.
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";

import { GatewayService } from "./gen/facesvg/v1/gateway_pb.js";
import { ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.js";

const OPTIONS = { preset: "zones27", regionOpacity: 0.6 };

const suite = new URLSearchParams(location.search).get("suite") ?? "http://localhost:8000";
const gateway = createClient(GatewayService, createGrpcWebTransport({ baseUrl: suite }));
const [form, progress, state, trouble, figure] = ["form", "progress", "#state", "#trouble", "figure"].map(
  (name) => document.querySelector(name),
);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  state.textContent = trouble.textContent = "";
  figure.replaceChildren();
  progress.value = 0;
  try {
    const parts = new FormData(form);
    if (!parts.get("segmentation_map").size) parts.delete("segmentation_map");
    const taskId = (await find(parts)) ?? (await submit(parts));
    await follow(taskId);
    figure.replaceChildren(await fetched(taskId));
    figure.style.backgroundImage = `url(${URL.createObjectURL(parts.get("image"))})`;
  } catch (error) {
    trouble.textContent = explained(error);
  }
});

/** Returns the task of a drawing that is there already, told the digests alone; else nothing. */
async function find(parts) {
  const map = parts.get("segmentation_map");
  const request = {
    options: OPTIONS,
    imageSha256: await sha256(parts.get("image")),
    landmarks: await bytes(parts.get("landmarks")),
    map: map ? { case: "segmentationMapSha256", value: await sha256(map) } : undefined,
  };
  try {
    const { taskId } = await gateway.findByInputs(request, { timeoutMs: 10_000 });
    state.textContent = "known already, nothing was uploaded";
    return taskId;
  } catch (error) {
    if (ConnectError.from(error).code !== Code.NotFound) throw error;
  }
}

/** Uploads the parts and returns its task. */
async function submit(parts) {
  parts.set("preset", OPTIONS.preset);
  parts.set("region_opacity", OPTIONS.regionOpacity);
  const answer = await fetch(`${suite}/api/v1/frontal/crop/submit`, {
    method: "POST",
    body: parts,
    signal: AbortSignal.timeout(60_000),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(`${said.details[0].reason}: ${said.message}`);
  return said.task_id;
}

/** Tells of a task's progress until it is final; one that failed ends here. */
async function follow(taskId) {
  for await (const task of gateway.watchTask({ taskId }, { timeoutMs: 120_000 })) {
    progress.value = task.progress;
    if (task.error) throw new Error(`${task.error.type}: ${task.error.message}`);
  }
}

/** Returns the drawing as an element: its regions have names to hover over. */
async function fetched(taskId) {
  const pieces = [];
  for await (const piece of gateway.getSvg({ taskId }, { timeoutMs: 60_000 })) {
    pieces.push(piece.data);
  }
  const svg = await new Blob(pieces).text();
  return new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
}

/** Returns what an error says: its reason is for programs, its message for people. */
function explained(error) {
  if (!(error instanceof ConnectError)) return error.message;
  const [info] = error.findDetails(ErrorInfoSchema);
  return `${info?.reason ?? Code[error.code]}: ${error.rawMessage}`;
}

async function bytes(file) {
  return new Uint8Array(await file.arrayBuffer());
}

async function sha256(file) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
}
