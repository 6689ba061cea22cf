/* The panel beside the tree: what is open there, its forms, and the problems one after the other.
   Whoever leaves a field has saved it; the Save button says so to those who look for one. */
import { isTouched } from "journey/morph";
import { afterwards, focusOn, say, send } from "journey/operations";
import { builder, canvas, nodeOf, phrase, plusAt } from "journey/tree";

const underway = new WeakSet();
const panel = () => document.getElementById("inspector");

/** Sends a form of the panel; the press on Save that made its field lose the focus is no second. */
function save(form) {
  if (underway.has(form) && !isTouched(form)) return;
  underway.add(form);
  send(form).finally(() => underway.delete(form));
}

/** Opens a step's settings; `into` says which field the writer wants: form, name or note. */
export async function open(node, { into = "" } = {}) {
  await show(node.querySelector(".open").getAttribute("href"));
  if (into) field(into)?.focus();
}

/** Shows what an address of this page has beside the tree. */
export function show(address) {
  const url = new URL(address, location.href);
  mark(url.searchParams.get("step") ?? "");
  builder().removeAttribute("data-quiet");
  for (const form of panel().querySelectorAll("form[data-auto]")) {
    if (isTouched(form) || "unsaved" in form.dataset) save(form);
  }
  return afterwards(async () => {
    await htmx.ajax("GET", url.pathname + url.search, {
      source: "#inspector", target: "#inspector", swap: "keep settle:0ms",
    });
    history.replaceState(null, "", url);
    builder().dataset.open = url.searchParams.get("step") ?? "";
  });
}

function mark(part) {
  const shown = part.startsWith("entry:") ? "_entry" : part;
  for (const node of canvas().querySelectorAll(".nd.sel")) {
    node.classList.remove("sel");
    node.querySelector(".open").removeAttribute("aria-current");
  }
  const node = shown ? nodeOf(shown) : null;
  node?.classList.add("sel");
  node?.querySelector(".open").setAttribute("aria-current", "true");
}

function field(into) {
  if (into !== "form") return panel().querySelector(`[data-describe] [name="${into}"]`);
  const inForm = panel().querySelector(
    "form[data-auto]:not([data-describe]) :is(input:not([type='hidden']), select, textarea)",
  );
  return inForm ?? panel().querySelector("input:not([type='hidden']), select, textarea, a, button");
}

/** Closes the panel and goes back to its step. */
export async function close() {
  const node = nodeOf(builder().dataset.open ?? "");
  await show("?");
  if (node) focusOn(node);
}

/** Opens the next thing that stands against publishing. */
export async function nextProblem(by = 1) {
  const links = [...builder().querySelectorAll("[data-problem]")];
  if (!links.length) return say(phrase("noProblem"));
  const open = links.findIndex((link) => partIn(link) === builder().dataset.open);
  const next = by > 0 ? open + 1 : Math.max(open, 0) - 1 + links.length;
  await follow(links[next % links.length]);
}

const addsAt = (link) => new URL(link.href).searchParams.get("add");
const partIn = (link) => new URL(link.href).searchParams.get("step") ?? "";

async function follow(link) {
  if (addsAt(link) !== null) return plusAt(addsAt(link))?.focus();
  const node = nodeOf(link.dataset.problem);
  await show(link.getAttribute("href"));
  if (node) focusOn(node);
  else (panel().querySelector("input:not([type='hidden']), select, textarea, button, a"))?.focus();
  say(link.textContent.trim());
}

export function listen() {
  builder().addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const jump = event.target.closest("[data-jump]");
    const link = event.target.closest("a[href^='?']:not([data-act])");
    if (!jump && !link) return;
    event.preventDefault();
    if (jump) nextProblem(Number(jump.dataset.jump));
    else if (addsAt(link) !== null) plusAt(addsAt(link))?.click();
    else if (link.matches("[data-problem]")) follow(link);
    else if (link.matches("[data-close]")) close();
    else show(link.getAttribute("href"));
  });
  builder().addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.matches("[data-plain]")) return;
    event.preventDefault();
    if (form.matches("[data-auto]")) save(form);
    else if (!event.submitter?.getAttribute("aria-disabled")) send(form, event.submitter);
  });
  builder().addEventListener("change", (event) => {
    const form = event.target.closest("#inspector form[data-auto]");
    if (form) save(form);
  });
  panel().addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) close();
  });
}
