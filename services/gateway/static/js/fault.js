// What went wrong, as the API tells it, and the field it belongs to.

const FIELDS = {
  NOT_AN_IMAGE: "image",
  TRUNCATED_IMAGE: "image",
  TOO_MANY_PIXELS: "image",
  CORRUPT_IMAGE: "image",
  UNREADABLE_LANDMARKS: "landmarks",
  LANDMARK_COUNT: "landmarks",
  INVALID_LANDMARK: "landmarks",
  NO_FACE: "landmarks",
  INVALID_SEGMENTATION_MAP: "segmentation_map",
  UNKNOWN_REGION: "regions",
};

export class Fault extends Error {
  constructor({ message, reason = "", status = 0, field = "", requestId = "", retrySeconds = 0 }) {
    super(message);
    Object.assign(this, { reason, status, field, requestId, retrySeconds });
  }

  /** Reads a google.rpc.Status; an answer that is none becomes a sentence with its HTTP status. */
  static async of(answer) {
    const body = await answer.json().catch(() => ({}));
    const details = (body.details ?? []).map((d) => ({ kind: d["@type"]?.split(".").pop(), ...d }));
    const found = (kind) => details.find((d) => d.kind === kind) ?? {};
    const { reason = "", metadata = {} } = found("ErrorInfo");
    const [violation] = found("BadRequest").fieldViolations ?? found("BadRequest").field_violations ?? [];
    return new Fault({
      message: body.message ?? `The server answered ${answer.status} ${answer.statusText}`.trim(),
      reason,
      status: answer.status,
      field: violation?.field || metadata.option || metadata.part || FIELDS[reason] || "",
      requestId: metadata.request_id ?? answer.headers.get("x-request-id") ?? "",
      retrySeconds: Number(answer.headers.get("retry-after") ?? 0),
    });
  }

  /** Returns the fault of a task that ended without a drawing. */
  static ofTask(task) {
    const { type = task.status, message = "The task was cancelled." } = task.error ?? {};
    return new Fault({ message, reason: type, field: FIELDS[type] });
  }
}
