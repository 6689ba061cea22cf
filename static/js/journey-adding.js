/* New steps: by a plus, by the palette, by the letter A. */
import { copied, paste } from "journey/clipboard";
import { operate } from "journey/operations";
import { choose, filter } from "journey/picker";
import { builder, chosen, follows, phrase, placeBeside, plusAt } from "journey/tree";

const palette = () => builder().querySelector(".pal");
const kinds = (within) => [...within.querySelectorAll("button.pal-i")];

/** Whether this kind of step makes sense there: what ends the way only where nothing comes after. */
export function fits(item, plus) {
  return !("last" in item.dataset && plus && follows(plus));
}

/** Asks what to add at a plus, and adds it. */
export async function askAndAdd(plus) {
  const kept = copied();
  const groups = [...palette().querySelectorAll("[role='group']")].map((group) => ({
    label: group.getAttribute("aria-label"),
    items: kinds(group).filter((item) => fits(item, plus)).map((item) => ({
      label: item.textContent.trim(), value: item, icon: item.querySelector(".tile"),
    })),
  }));
  if (kept) {
    const icon = document.getElementById("paste-icon").content.firstElementChild;
    groups.unshift({ items: [{ label: phrase("paste", kept.title), value: "paste", icon }] });
  }
  const picked = await choose({ title: phrase("add"), groups, at: plus, search: true });
  if (picked === "paste") return paste(plus.value);
  return picked ? add(picked, plus.value) : plus.focus();
}

/** Adds a kind of step; above others a split asks where they go. */
export async function add(item, place) {
  const asked = { op: "insert", kind: item.value, place };
  const plus = plusAt(place);
  const lanes = item.dataset.lanes?.split("|") ?? [];
  if (lanes.length && plus && follows(plus)) {
    asked.following = await choose({
      title: phrase("following"),
      question: phrase("following"),
      at: plus,
      groups: [{ items: [
        ...lanes.map((name, number) => ({ label: phrase("into", name), value: String(number) })),
        { label: phrase("after"), value: "after" },
      ] }],
    });
    if (asked.following === null) return plus.focus();
  }
  return operate(asked);
}

export function listen() {
  builder().addEventListener("click", (event) => {
    const plus = event.target.closest(".plus");
    const item = event.target.closest(".pal button.pal-i");
    if (!plus && !item) return;
    event.preventDefault();
    if (plus) askAndAdd(plus);
    else add(item, placeBeside(chosen()));
  });
  const sieve = () => filter(palette(), palette().querySelector("input[type='search']").value);
  builder().addEventListener("input", (event) => {
    if (event.target.matches(".pal input[type='search']")) sieve();
  });
  builder().addEventListener("htmx:afterSwap", sieve);
  builder().addEventListener("keydown", (event) => {
    if (!event.target.matches(".pal input[type='search']")) return;
    const first = palette().querySelector("button.pal-i:not([hidden])");
    if (event.key === "ArrowDown") first?.focus();
    else if (event.key === "Enter" && first) add(first, placeBeside(chosen()));
    else return;
    event.preventDefault();
  });
}
