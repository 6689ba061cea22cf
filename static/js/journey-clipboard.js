/* What was copied is a reference: the journey, the step in its draft and, for one branch, the lane.
   It is kept in the browser, so that it pastes into any journey of the workspace. */
import { operate, say } from "journey/operations";
import { builder, lane, lanesOf, phrase, titleOf } from "journey/tree";

const KEY = "journey-clipboard";

/** {journey, step, lane, title}, or null. */
export function copied() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY));
    return found?.journey && found.step ? found : null;
  } catch {
    return null;
  }
}

/** Keeps a step, or with `number` the steps of one of its lanes. */
export function copy(node, number = null) {
  const name = titleOf(node);
  const title = number === null ? name : phrase("branch", lane(lanesOf(node)[number]), name);
  const kept = { journey: builder().dataset.journey, step: node.dataset.id, lane: number, title };
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
    say(phrase("copied", title));
  } catch {
    say(phrase("uncopied"));
  }
}

export function paste(place) {
  const kept = copied();
  if (!kept) return say(phrase("nothingCopied"));
  const asked = { op: "paste", place, from_journey: kept.journey, step: kept.step };
  return operate(kept.lane === null ? asked : { ...asked, lane: kept.lane });
}
