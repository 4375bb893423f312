// Draws a face over gRPC from Node 18 or newer:
//
//     npm install
//     node draw.mjs photo.jpg landmarks.json [map.png] > face.svg
//
// FACESVG_URL says where the suite listens, FACESVG_API_KEY is the key, where it wants one.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";

import grpc from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";

const CHUNK_BYTES = 256 * 1024;
const OPTIONS = { preset: "zones27", region_opacity: 0.6 };

// The whole contract in one file; no stubs are generated.
const contract = await readFile(new URL("../../../protos/gen/facesvg.binpb", import.meta.url));
const { facesvg, google } = grpc.loadPackageDefinition(
  loadFileDescriptorSetFromBuffer(contract, { keepCase: true, enums: String, defaults: true }),
);

const url = new URL(process.env.FACESVG_URL ?? "http://localhost:8000");
const client = new facesvg.v1.GatewayService(
  `${url.hostname}:${url.port || (url.protocol === "https:" ? 443 : 80)}`,
  url.protocol === "https:" ? grpc.credentials.createSsl() : grpc.credentials.createInsecure(),
);
const metadata = new grpc.Metadata();
if (process.env.FACESVG_API_KEY) metadata.set("x-api-key", process.env.FACESVG_API_KEY);

const within = (seconds) => ({ deadline: Date.now() + seconds * 1000 });
const sha256 = (bytes) => createHash("sha256").update(bytes).digest();

/** Returns the task of a drawing that is there already, told the digests alone; else nothing. */
function find({ image, landmarks, map }) {
  const request = { options: OPTIONS, image_sha256: sha256(image), landmarks };
  if (map) request.segmentation_map_sha256 = sha256(map);
  return new Promise((resolve, reject) => {
    client.FindByInputs(request, metadata, within(10), (error, answer) => {
      if (error && error.code !== grpc.status.NOT_FOUND) reject(error);
      else resolve(answer);
    });
  });
}

/** Uploads the parts and returns their task. */
function submit(parts) {
  return new Promise((resolve, reject) => {
    const call = client.Submit(metadata, within(60), (error, answer) =>
      error ? reject(error) : resolve(answer),
    );
    Readable.from(messages(parts)).pipe(call); // no faster than the service reads
  });
}

/** Yields the upload: a header, each part in chunks, and `finish`: without it, it was cut off. */
function* messages({ image, landmarks, map }) {
  const parts = { PART_LANDMARKS: landmarks, PART_IMAGE: image };
  if (map) parts.PART_SEGMENTATION_MAP = map;
  const infos = Object.entries(parts).map(([part, bytes]) => ({
    part,
    size_bytes: bytes.length,
    sha256: sha256(bytes),
  }));
  yield { header: { options: OPTIONS, parts: infos } };
  for (const [part, bytes] of Object.entries(parts)) {
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      yield { chunk: { part, data: bytes.subarray(at, at + CHUNK_BYTES) } };
    }
  }
  yield { finish: {} };
}

/** Returns a task once it is final, telling of its progress. */
async function finished(task_id) {
  let last;
  for await (last of client.WatchTask({ task_id }, metadata, within(120))) {
    console.error(`${last.status} ${last.progress} % ${last.step}`);
  }
  return last;
}

/** Returns what an error says: its reason is for programs, its message for people. */
function explained(error) {
  const [packed] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (!packed) return error.details ? `${grpc.status[error.code]}: ${error.details}` : error.message;
  const { details } = google.rpc.Status.deserialize(packed);
  const info = details.find(({ type_url }) => type_url.endsWith("/google.rpc.ErrorInfo"));
  const { reason } = google.rpc.ErrorInfo.deserialize(info.value);
  return `${reason}: ${error.details}`;
}

try {
  const [image, landmarks, map] = await Promise.all(process.argv.slice(2).map((f) => readFile(f)));
  if (!landmarks) throw new Error("usage: node draw.mjs photo landmarks [map] > face.svg");
  const known = await find({ image, landmarks, map });
  if (known) console.error("known already, nothing was uploaded");
  const { task_id } = known ?? (await submit({ image, landmarks, map }));
  const { status, error } = await finished(task_id);
  if (status !== "SUCCESS") throw new Error(error ? `${error.type}: ${error.message}` : status);
  for await (const piece of client.GetSvg({ task_id }, metadata, within(60))) {
    process.stdout.write(piece.data);
  }
} catch (error) {
  console.error(explained(error));
  process.exitCode = 1;
} finally {
  client.close();
}
