// The playground: puts the parts of the page together.
import * as api from "./api.js";
import * as banner from "./banner.js";
import { calmed, find } from "./dom.js";
import { accept } from "./drop.js";
import { Inputs } from "./inputs.js";
import * as key from "./key.js";
import { Options } from "./options.js";
import { Playground } from "./playground.js";
import * as samples from "./samples.js";

async function start() {
  banner.clear();
  try {
    const [schemas, presets] = await Promise.all([api.optionSchemas(), api.presets()]);
    ready(new Options(schemas, presets));
  } catch (fault) {
    if (fault.status === 401) key.ask(fault.message, start);
    else banner.show(fault, start);
  }
}

function ready(options) {
  const inputs = new Inputs(() => changedFiles());
  const playground = new Playground(inputs, options);
  const soon = calmed(() => playground.draw(), 350);

  const changedFiles = () => {
    playground.sample = "";
    samples.mark("");
    if (find("#live").checked && inputs.file("image") && inputs.file("landmarks")) soon();
  };
  const take = async (name) => {
    inputs.replace(await samples.load(name));
    playground.sample = name;
    samples.mark(name);
    await playground.draw({ isAsked: true });
    bringIntoView();
  };

  samples.offer(take);
  find("#draw").disabled = find("#first").disabled = false;
  accept((files) => {
    if (playground.sample) inputs.replace({});
    inputs.sort(files);
    changedFiles();
  });
  find("#first").onclick = () => take(samples.SAMPLES[0].name);
  find("#options").oninput = () => {
    options.refresh();
    if (find("#live").checked && playground.isDrawn) soon();
  };
  find("#compare").onchange = () => playground.draw();
  find("#request").onsubmit = (event) => {
    event.preventDefault();
    playground.draw({ isAsked: true }).then(bringIntoView);
  };
  find("#request").onreset = (event) => {
    event.preventDefault();
    options.reset();
    if (playground.isDrawn) playground.draw();
  };

  const asked = new URLSearchParams(location.search);
  options.take(asked);
  const sample = samples.SAMPLES.find(({ name }) => name === asked.get("sample"));
  if (sample) take(sample.name);
}

/** On a narrow page the drawing is below the form. */
function bringIntoView() {
  const isPut = document.activeElement.matches("[aria-invalid]");
  if (!isPut && matchMedia("(max-width: 759px)").matches) find("#drawing").scrollIntoView();
}

async function tellHealth() {
  const node = find("#health");
  try {
    const { version } = await api.health();
    node.classList.add("good");
    node.querySelector(".words").textContent = `healthy, ${version}`;
  } catch {
    node.classList.add("bad");
    node.querySelector(".words").textContent = "not healthy";
  }
}

start();
tellHealth();
