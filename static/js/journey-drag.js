/* Dragging by pointer events: mouse, pen and finger alike. Every plus becomes a place to drop;
   a phone has menus instead, where a finger must be free to scroll. */
import { add, fits } from "journey/adding";
import { operate, say } from "journey/operations";
import { builder, canvas, isOpenTo, isStep, phrase, pluses, titleOf } from "journey/tree";

const START = 6;
const EDGE = 48;
const SPEED = 14;
const narrow = matchMedia("(max-width: 760px)");
let drag = null;

function press(event) {
  const source = event.target.closest("button.pal-i, .nd");
  const stays = event.target.closest(".kebab, .plus, .msg a");
  if (!source || event.button || stays || narrow.matches || !event.isPrimary) return;
  const isNode = source.matches(".nd");
  if (isNode ? !isStep(source) : !source.closest(".pal")) return;
  drag = { source, isNode, x: event.clientX, y: event.clientY, pointer: event.pointerId };
}

function begin() {
  const ghost = drag.source.cloneNode(true);
  ghost.classList.add("drag-ghost");
  ghost.removeAttribute("id");
  ghost.inert = true;
  ghost.style.width = `${drag.source.offsetWidth}px`;
  document.body.append(ghost);
  drag.ghost = ghost;
  for (const plus of pluses()) {
    const open = drag.isNode ? isOpenTo(plus, drag.source) : fits(drag.source, plus);
    plus.classList.toggle("dead", !open);
  }
  builder().classList.add("is-dragging");
  drag.source.classList.add("dragging");
  getSelection().removeAllRanges();
  requestAnimationFrame(scroll);
}

function move(event) {
  if (!drag || event.pointerId !== drag.pointer) return;
  const { clientX: x, clientY: y } = event;
  if (!drag.ghost) {
    if (Math.hypot(x - drag.x, y - drag.y) < START) return;
    begin();
  }
  Object.assign(drag, { x, y });
  drag.ghost.style.translate = `${x + 10}px ${y + 10}px`;
  aim();
}

/** Marks the place under the pointer. */
function aim() {
  const over = document.elementFromPoint(drag.x, drag.y)?.closest?.(".plus:not(.dead)") ?? null;
  if (over === drag.over) return;
  drag.over?.classList.remove("over");
  over?.classList.add("over");
  if (over) over.dataset.drop = phrase("drop");
  drag.over = over;
}

/** The edges scroll for as long as the pointer stays there. */
function scroll() {
  if (!drag?.ghost) return;
  const ground = canvas();
  const box = ground.getBoundingClientRect();
  const by = (at, low, high) => (at < low + EDGE ? -SPEED : at > high - EDGE ? SPEED : 0);
  const inside = drag.x > box.left && drag.x < box.right;
  if (inside) ground.scrollBy(by(drag.x, box.left, box.right), by(drag.y, box.top, box.bottom));
  aim();
  requestAnimationFrame(scroll);
}

/** Ends the drag; true when something was really dragged. */
function end() {
  const was = drag;
  drag = null;
  if (!was?.ghost) return null;
  was.ghost.remove();
  was.source.classList.remove("dragging");
  was.over?.classList.remove("over");
  builder().classList.remove("is-dragging");
  for (const plus of pluses()) plus.classList.remove("dead");
  // The pointer that let go did not mean to press what lies under it.
  addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", swallow, { capture: true }));
  return was;
}

function swallow(event) {
  event.preventDefault();
  event.stopPropagation();
}

function drop(event) {
  if (event.pointerId !== drag?.pointer) return;
  const was = end();
  if (!was) return;
  if (!was.over) say(phrase("notMoved", name(was)));
  else if (was.isNode) operate({ op: "move", step: was.source.dataset.id, place: was.over.value });
  else add(was.source, was.over.value);
}

function cancel() {
  const was = end();
  if (was) say(phrase("notMoved", name(was)));
}

function name({ isNode, source }) {
  return isNode ? titleOf(source) : source.textContent.trim();
}

export function listen() {
  builder().addEventListener("pointerdown", press);
  builder().addEventListener("dragstart", (event) => {
    if (event.target.closest(".nd, .pal")) event.preventDefault();
  });
  addEventListener("pointermove", move);
  addEventListener("pointerup", drop);
  addEventListener("pointercancel", cancel);
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !drag) return;
    event.preventDefault();
    event.stopPropagation();
    cancel();
  }, true);
}
