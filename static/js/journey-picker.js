/* A list to choose from in a dialog: type to filter, arrows, Enter, Escape, a click elsewhere. */
import { phrase } from "journey/tree";

const template = document.getElementById("picker");
const MARGIN = 8;

/** What was chosen, or null. `groups` are [{label, items: [{label, value, icon, key, depth, tone}]}];
    `at` is what the list opens beside; `question` a sentence above it. */
export function choose({ title, groups, at = null, question = "", search = false }) {
  const dialog = template.content.firstElementChild.cloneNode(true);
  const list = dialog.querySelector(".list");
  const field = dialog.querySelector("input");
  dialog.setAttribute("aria-label", title);
  dialog.querySelector("h2").textContent = question || title;
  dialog.querySelector("h2").classList.toggle("sr", !question);
  dialog.classList.toggle("plain", !search);
  dialog.classList.toggle("one", !groups.some((group) => group.label));
  list.append(...groups.filter((group) => group.items.length).map(section));
  if (!search) dialog.querySelectorAll(".search, .tip").forEach((each) => each.remove());
  document.body.append(dialog);
  at?.setAttribute("aria-expanded", "true");
  dialog.showModal();
  stand(dialog, at);
  // A finger has no use for the keyboard that a focused field brings up.
  if (search && matchMedia("(pointer: coarse)").matches) list.querySelector("button")?.focus();
  else (search ? field : list.querySelector("button"))?.focus();
  return answer(dialog, list, field, at);
}

function answer(dialog, list, field, at) {
  const shown = () => [...list.querySelectorAll("button:not([hidden])")];
  let value = null;
  const take = (button) => {
    value = button.picked;
    dialog.close();
  };
  dialog.addEventListener("click", (event) => {
    const button = event.target.closest(".list button");
    if (button) take(button);
    else if (event.target === dialog && outside(dialog, event)) dialog.close();
  });
  dialog.addEventListener("keydown", (event) => {
    if (walk(event, shown(), field)) event.preventDefault();
    else if (event.key === "Enter" && event.target === field) {
      event.preventDefault();
      if (shown()[0]) take(shown()[0]);
    }
  });
  field.addEventListener("input", () => filter(list, field.value, dialog.querySelector(".none")));
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      at?.removeAttribute("aria-expanded");
      resolve(value);
    });
  });
}

function section({ label, items }) {
  const part = document.createElement("div");
  part.setAttribute("role", "group");
  if (label) {
    const heading = document.createElement("h3");
    heading.textContent = label;
    part.setAttribute("aria-label", label);
    part.append(heading);
  }
  part.append(...items.map(row));
  return part;
}

function row({ label, value, icon, key, depth = 0, tone = "" }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `pal-i ${tone} deep-${Math.min(depth, 6)}`;
  button.picked = value;
  if (icon) button.append(icon.cloneNode(true));
  button.append(label);
  if (key) {
    const hint = document.createElement("kbd");
    hint.textContent = key;
    hint.setAttribute("aria-hidden", "true");
    button.append(hint);
  }
  return button;
}

/** Hides what does not hold every word that was typed; the first that is left is marked. */
export function filter(list, text, none = null) {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = [];
  for (const button of list.querySelectorAll("button")) {
    const name = button.textContent.toLowerCase();
    button.hidden = !wanted.every((word) => name.includes(word));
    if (!button.hidden) found.push(button);
    button.classList.remove("on");
  }
  for (const group of list.querySelectorAll("[role='group']")) {
    group.hidden = !group.querySelector("button:not([hidden])");
  }
  if (wanted.length) found[0]?.classList.add("on");
  if (none) none.textContent = found.length ? "" : phrase("nothing");
}

function walk(event, items, field) {
  const at = items.indexOf(document.activeElement);
  const last = items.length - 1;
  const ways = {
    ArrowDown: () => items[at < last ? at + 1 : 0],
    ArrowUp: () => (at > 0 ? items[at - 1] : at === 0 && field.isConnected ? field : items[last]),
    Home: () => at >= 0 && items[0],
    End: () => at >= 0 && items[last],
  };
  const next = ways[event.key]?.();
  next?.focus?.();
  return Boolean(next);
}

/** Beside what was pressed and inside the window; a phone shows it as a sheet, by its style. */
function stand(dialog, at) {
  if (!at) return;
  const box = at.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = dialog;
  const right = box.right + 12;
  const left = right + width + MARGIN > innerWidth ? box.left - width - 12 : right;
  const top = Math.min(box.top - 20, innerHeight - height - MARGIN);
  dialog.style.left = `${Math.max(MARGIN, left)}px`;
  dialog.style.top = `${Math.max(MARGIN, top)}px`;
  dialog.classList.add("beside");
}

function outside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right
    || event.clientY < box.top || event.clientY > box.bottom;
}
