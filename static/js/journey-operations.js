/* Every edit is one POST that answers with the whole builder. Edits go one after the other, each
   with the revision the one before it brought, so that quick keys never run into each other. */
import { forget, remember } from "journey/morph";
import { builder, canvas, nodeOf, nodes, phrase } from "journey/tree";

const said = document.getElementById("said");
const BRINGS = new Set(["insert", "paste"]);
let queue = Promise.resolve();
let told = null;
// Counts the refusals: what was asked for before one was meant for another tree.
let round = 0;

/** Says it to those who do not see it. */
export function say(text) {
  said.textContent = "";
  requestAnimationFrame(() => { said.textContent = text; });
}

/** Does this once everything asked for before is done. */
export function afterwards(act) {
  queue = queue.then(act).catch(() => {});
  return queue;
}

/** One operation; `stay` leaves the focus where it is. A phone's sheet opens for what is new only. */
export function operate(values, { stay = false } = {}) {
  const root = builder();
  const isOpen = Boolean(root.dataset.open) && !root.hasAttribute("data-quiet");
  root.toggleAttribute("data-quiet", !isOpen && !BRINGS.has(values.op));
  const body = new FormData();
  for (const [name, value] of Object.entries(values)) body.append(name, value);
  return post(builder().dataset.ops, body, { stay });
}

/** What a form says, sent with the button that was pressed. */
export function send(form, button = null) {
  const body = new FormData(form, button);
  const address = button?.getAttribute("formaction") ?? form.getAttribute("action");
  return post(address, body, { stay: true, leaving: remember(form) });
}

function post(address, body, { stay, leaving }) {
  const mine = round;
  return afterwards(async () => {
    if (mine !== round) return;
    leaving?.();
    const at = nodes().indexOf(document.activeElement?.closest?.(".nd"));
    body.set("revision", builder().dataset.revision);
    told = null;
    await htmx.ajax("POST", address, {
      source: "#builder", target: "#builder", swap: "keep settle:0ms", values: body,
    });
    finish(at, stay);
  });
}

function finish(at, stay) {
  if (told?.said) say(told.said);
  const lost = document.activeElement === document.body || !document.activeElement;
  if (stay && !lost) return;
  const node = (told?.focus && nodeOf(told.focus)) || (lost && nodes()[Math.max(0, at - 1)]);
  if (node) focusOn(node);
  else if (lost) canvas().focus();
}

/** Puts the focus on a step and brings it into view. */
export function focusOn(node) {
  node.querySelector(".open")?.focus({ preventScroll: true });
  node.scrollIntoView({ block: "nearest", inline: "nearest" });
}

export function listen() {
  document.body.addEventListener("operation", (event) => { told = event.detail; });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target } = event.detail;
    if (target?.id !== "builder") return;
    if (xhr.status >= 400) round += 1;
    if (xhr.status !== 409) return;
    forget();
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
  document.body.addEventListener("htmx:sendError", () => say(phrase("offline")));
}
