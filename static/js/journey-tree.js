/* What stands where in the drawn tree. A place is where a step is added: "" the beginning, "<id>"
   right after that step, "<id>.<lane>" the beginning of a lane. */
const words = document.getElementById("builder-words")?.dataset ?? {};

export const builder = () => document.getElementById("builder");
export const canvas = () => builder().querySelector(".jb-canvas");
export const nodes = () => [...builder().querySelectorAll(".nd")];
export const pluses = () => [...canvas().querySelectorAll(".plus")];
export const nodeOf = (id) => document.getElementById(`step-${id}`)?.querySelector(".nd");
export const itemOf = (node) => node.closest(".st");
export const titleOf = (node) => node.querySelector(".ttl").textContent.trim();
export const isStep = (node) => Boolean(node) && !node.dataset.id.startsWith("_");
export const lanesOf = (node) => [...itemOf(node).querySelectorAll(":scope > .lanes > .lane")];
export const lane = (name) => name.querySelector(":scope > .lab").firstChild.textContent.trim();
export const chosen = () => canvas().querySelector(".nd.sel");
export const stepsIn = (within) => [...within.querySelectorAll(".nd")].filter(isStep);
export const plusAt = (place) => pluses().find((plus) => plus.value === place);

/** A sentence of the page's language, with what it speaks of. */
export function phrase(name, ...values) {
  return (words[name] ?? "").replaceAll(/%(\d)/g, (_all, number) => values[number - 1]);
}

/** The step somebody works at: focused, else open beside the tree. */
export function current() {
  const focused = document.activeElement?.closest?.(".jb-canvas .st")?.querySelector(".nd");
  return focused ?? chosen();
}

/** The plus right below a step; below a split, where its lanes meet again. */
export function plusBelow(node) {
  return itemOf(node).querySelector(":scope > .lk > .plus");
}

/** The plus right above a step: of the step before it, or of the lane it begins. */
export function plusAbove(node) {
  const before = itemOf(node).previousElementSibling;
  if (before) return before.querySelector(":scope > .lk > .plus");
  return itemOf(node).closest(".lane")?.querySelector(":scope > .lk > .plus");
}

/** Where a step goes that is asked for without a place: below this one, above it when it ends. */
export function placeBeside(node) {
  if (node) return (plusBelow(node) ?? plusAbove(node))?.value ?? "";
  const sequence = canvas().querySelectorAll(".jb-zoom > .seq > .st > .lk > .plus");
  return [...sequence].at(-1)?.value ?? "";
}

/** Whether something comes after a plus in its own sequence. */
export function follows(plus) {
  const first = plus.closest(".lk").parentElement;
  if (first.matches(".lane")) return stepsIn(first).length > 0;
  return isStep(first.nextElementSibling?.querySelector(".nd"));
}

/** Where the dragged or chosen step may go: neither into itself nor where it already stands. */
export function isOpenTo(plus, node) {
  if (!node) return true;
  return !itemOf(node).contains(plus) && plus !== plusAbove(node);
}

/** A place in words: after which step, or in which branch. */
export function where(plus) {
  const at = plus.closest(".lk").parentElement;
  const node = at.closest(".st").querySelector(".nd");
  if (at.matches(".lane")) return phrase("inLane", lane(at), titleOf(node));
  return isStep(node) ? phrase("below", titleOf(node)) : phrase("first");
}

/** How deep a plus lies in branches. */
export function depth(plus) {
  let count = 0;
  for (let at = plus.closest(".lane"); at; at = at.parentElement.closest(".lane")) count += 1;
  return count;
}

/** The place at the head of the lane beside a step's own; null where there is none. */
export function besideLane(node, side) {
  const way = side < 0 ? "previousElementSibling" : "nextElementSibling";
  for (let at = node.closest(".lane"); at; at = at.parentElement.closest(".lane")) {
    const plus = at[way]?.querySelector(":scope > .lk > .plus");
    if (plus) return plus.value;
  }
  return null;
}
