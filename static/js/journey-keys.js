/* The keys of the tree. Plain arrows, Home and End walk in journey-view.js. */
import { askAndAdd } from "journey/adding";
import { nextProblem } from "journey/inspector";
import { act, openMenu } from "journey/menu";
import { operate } from "journey/operations";
import { builder, isStep, itemOf, plusAbove, plusBelow } from "journey/tree";

const MOVES = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };
const WRITES = "input, textarea, select, [contenteditable]";

/** What a key means on a step; nothing for keys that mean nothing there. */
function onStep(event, node) {
  const { key, altKey } = event;
  const ctrl = event.ctrlKey || event.metaKey;
  const letter = key.toLowerCase();
  if (altKey && !ctrl) return MOVES[key] && isStep(node) && (() => act(MOVES[key], node));
  if (ctrl) return chord(letter, node);
  if (key === "Enter") return () => act("edit", node);
  if (letter === "a") return () => askAndAdd(plusBelow(node) ?? plusAbove(node));
  if (key === "Delete" || key === "Backspace") return isStep(node) && (() => act("delete", node));
  if (key === "ContextMenu" || (key === "F10" && event.shiftKey)) {
    return () => openMenu(node, itemOf(node).querySelector(".kebab"));
  }
  if (key === "F2") return isStep(node) && (() => act("rename", node));
  return null;
}

function chord(letter, node) {
  if (!getSelection().isCollapsed) return null;
  if (letter === "v") return () => act("paste", node);
  if (!isStep(node)) return null;
  return { c: () => act("copy", node), d: () => act("duplicate", node) }[letter];
}

/** What a key means anywhere on the page. */
function anywhere(event) {
  const ctrl = event.ctrlKey || event.metaKey;
  const letter = event.key.toLowerCase();
  if (ctrl && letter === "z") return () => operate({ op: event.shiftKey ? "redo" : "undo" });
  if (ctrl && letter === "y") return () => operate({ op: "redo" });
  if (event.key === "F8") return () => nextProblem(event.shiftKey ? -1 : 1);
  if (event.key === "?") return () => document.getElementById("keys").showModal();
  return null;
}

export function listen() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.target.closest?.(`${WRITES}, dialog`)) return;
    const link = event.target.closest?.(".jb-canvas .open");
    const mayEdit = "ops" in builder().dataset;
    const todo = (link && mayEdit && onStep(event, link.closest(".nd"))) || anywhere(event);
    if (!todo || (event.repeat && event.key === "Enter")) return;
    event.preventDefault();
    todo();
  });
}
