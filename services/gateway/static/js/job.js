// One drawing from the form to the finished task, watched on its way.
import * as api from "./api.js";
import { events } from "./events.js";
import { Fault } from "./fault.js";

const FINAL = ["SUCCESS", "FAILURE", "CANCELLED"];
const TRIES = 5;

/**
 * Returns the finished task, and how it came about; `told` hears of every change.
 * Throws a Fault where there is no drawing.
 */
export async function run(form, { signal, told = () => {} }) {
  const began = performance.now();
  const ticket = await api.submit(form, signal);
  told({ task_id: ticket.task_id, status: ticket.status, progress: 0, step: "" });
  const task = ticket.cache_hit
    ? await api.status(ticket.task_id, signal)
    : await watched(ticket.task_id, signal, told);
  if (task.status !== "SUCCESS") throw Fault.ofTask(task);
  return { task, ticket, svg: await api.svg(task), milliseconds: performance.now() - began };
}

/** A stream that ends with another than a final record was cut off: it is opened again. */
async function watched(id, signal, told) {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    for await (const task of events(await api.watch(id, signal))) {
      told(task);
      if (FINAL.includes(task.status)) return task;
    }
  }
  throw new Fault({ message: `Task ${id} goes on, but its news does not arrive.`, reason: "CUT_OFF" });
}
