/* What can be done with one step: its menu, and the questions behind "Move to" and "Delete". */
import { copied, copy, paste } from "journey/clipboard";
import { open } from "journey/inspector";
import { operate, say } from "journey/operations";
import { choose } from "journey/picker";
import {
  besideLane, builder, depth, isOpenTo, isStep, itemOf, lane, lanesOf, nodeOf, phrase, placeBeside,
  pluses, stepsIn, titleOf, where,
} from "journey/tree";

const acts = document.getElementById("node-acts");

/** Opens the menu of a step beside `at`. */
export async function openMenu(node, at) {
  const items = [...acts.content.querySelectorAll("button")]
    .filter((button) => applies(button.value, node))
    .flatMap((button) => rows(button, node));
  const picked = await choose({ title: at.getAttribute("aria-label"), groups: [{ items }], at });
  if (picked) await act(picked.act, node, picked.lane);
  else at.focus();
}

function applies(name, node) {
  if (!isStep(node)) return name === "edit";
  if (name === "paste") return Boolean(copied());
  if (name === "copy-branch") return lanesOf(node).length > 0;
  return true;
}

function rows(button, node) {
  const { value, dataset, className } = button;
  const icon = button.querySelector("svg");
  const plain = { label: button.textContent.trim(), icon, key: dataset.key, tone: className };
  if (value !== "copy-branch") return [{ ...plain, value: { act: value } }];
  return lanesOf(node).map((each, number) => ({
    ...plain, label: phrase("copyBranch", lane(each)), value: { act: "copy", lane: number },
  }));
}

/** Does by name what the menu and the keys offer. */
export function act(name, node, number = null) {
  const step = node.dataset.id;
  const todo = {
    edit: () => open(node, { into: "form" }),
    rename: () => open(node, { into: "name" }),
    note: () => open(node, { into: "note" }),
    up: () => operate({ op: "nudge", step, by: -1 }),
    down: () => operate({ op: "nudge", step, by: 1 }),
    left: () => shift(node, -1),
    right: () => shift(node, 1),
    "move-to": () => moveTo(node),
    duplicate: () => operate({ op: "duplicate", step }),
    copy: () => copy(node, number),
    paste: () => paste(placeBeside(node)),
    delete: () => remove(node),
  };
  return todo[name]?.();
}

function shift(node, side) {
  const place = besideLane(node, side);
  if (place === null) return say(phrase("noBranch"));
  return operate({ op: "move", step: node.dataset.id, place });
}

async function moveTo(node) {
  const items = pluses().filter((plus) => isOpenTo(plus, node)).map((plus) => ({
    label: where(plus), value: { place: plus.value }, depth: depth(plus),
  }));
  const title = phrase("moveTo", titleOf(node));
  const at = itemOf(node).querySelector(".kebab");
  const picked = await choose({ title, groups: [{ items }], at, search: true });
  if (!picked) return at.focus();
  return operate({ op: "move", step: node.dataset.id, place: picked.place });
}

/** A split asks which of its branches stays; one with none filled goes without a word. */
export async function remove(node) {
  const step = node.dataset.id;
  const held = lanesOf(node).map((each) => ({ name: lane(each), count: stepsIn(each).length }));
  if (!held.some(({ count }) => count)) return operate({ op: "delete", step });
  const stays = held.map(({ name, count }, number) => ({
    label: phrase("keep", name, count), value: { keep: number },
  }));
  const question = phrase("whichStays");
  const picked = await choose({
    title: question,
    question,
    at: itemOf(node).querySelector(".kebab"),
    groups: [{ items: [...stays, { label: phrase("keepNone"), value: { keep: "none" }, tone: "danger" }] }],
  });
  if (!picked) return node.querySelector(".open").focus();
  return operate({ op: "delete", step, keep: picked.keep });
}

export function listen() {
  builder().addEventListener("click", (event) => {
    const kebab = event.target.closest(".kebab");
    const named = event.target.closest("[data-act]");
    const node = kebab?.closest(".nd") ?? (named && nodeOf(named.dataset.step));
    if (!node) return;
    event.preventDefault();
    if (kebab) openMenu(node, kebab);
    else act(named.dataset.act, node);
  });
}
