/* Turns #builder into its newer self, as the htmx swap "keep": what stays the same keeps its
   identity, and with it focus, scroll and what is being typed. Elements are the same when they have
   the same id, or else the same tag and first class in the same order. */

// Written by scripts alone; a template has none of them.
const OURS = new Set(["style", "data-outline", "data-quiet", "open"]);
const FIELDS = "input:not([type='hidden']), select, textarea";
let sent = new WeakMap();

/** Notes what a form holds; called, the answer under way may replace that, unless it changed. */
export function remember(form) {
  const held = [...form.querySelectorAll(FIELDS)].map((field) => [field, state(field)]);
  return () => { for (const [field, value] of held) sent.set(field, value); };
}

/** The answer was no: what was sent is still only here. */
export function forget() {
  sent = new WeakMap();
}

/** Whether the form holds something the server has not seen. */
export function isTouched(form) {
  return [...form.querySelectorAll(FIELDS)].some(isTyped);
}

function isTyped(field) {
  return state(field) !== initial(field) && state(field) !== sent.get(field);
}

function ticks(field) {
  return field.type === "checkbox" || field.type === "radio";
}

function state(field) {
  if (field.localName === "select") return [...field.selectedOptions].map((o) => o.value).join("\n");
  return ticks(field) ? String(field.checked) : field.value;
}

function initial(field) {
  if (field.localName !== "select") {
    return ticks(field) ? String(field.defaultChecked) : field.defaultValue;
  }
  const chosen = [...field.options].filter((option) => option.defaultSelected);
  if (!chosen.length && !field.multiple && field.options[0]) chosen.push(field.options[0]);
  return chosen.map((option) => option.value).join("\n");
}

/** Gives `field` what the server says it holds. */
function settle(field, fresh) {
  if (field.localName === "select") {
    const chosen = new Set([...fresh.selectedOptions].map((option) => option.value));
    for (const option of field.options) option.selected = chosen.has(option.value);
  } else if (ticks(field)) {
    field.checked = fresh.defaultChecked;
  } else {
    field.value = fresh.defaultValue;
  }
}

export function morph(target, fresh) {
  const known = new Map();
  for (const each of target.querySelectorAll("[id]")) known.set(each.id, each);
  change(target, fresh, known);
}

function change(old, fresh, known) {
  if (old.isEqualNode(fresh) && !old.querySelector?.(FIELDS) && !old.matches(FIELDS)) return;
  if (old.hasAttribute("data-mine")) return;
  const holds = old.matches(FIELDS);
  const typed = holds && isTyped(old);
  const kept = typed && old.localName === "select" ? old.value : null;
  copyAttributes(old, fresh);
  changeChildren(old, fresh, known);
  if (holds && !typed) settle(old, fresh);
  if (kept !== null) old.value = kept;
}

function copyAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !OURS.has(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !OURS.has(name)) old.setAttribute(name, value);
  }
}

function changeChildren(old, fresh, known) {
  // What comes next is asked anew each time: a child may have been fetched by one before it.
  let last = null;
  const next = () => (last ? last.nextSibling : old.firstChild);
  for (const wanted of [...fresh.childNodes]) {
    const match = find(next(), wanted, known, old);
    if (!match) {
      old.insertBefore(wanted, next());
      last = wanted;
      continue;
    }
    if (match !== next()) move(old, match, next());
    last = match;
    if (match.nodeType === Node.ELEMENT_NODE) change(match, wanted, known);
    else if (match.data !== wanted.data) match.data = wanted.data;
  }
  while (next()) next().remove();
}

/** The node that becomes `wanted`: the one with its id wherever it is, or the next of its kind. */
function find(at, wanted, known, parent) {
  if (wanted.id) {
    const same = known.get(wanted.id);
    return same?.localName === wanted.localName && !same.contains(parent) ? same : null;
  }
  for (let next = at; next; next = next.nextSibling) {
    if (isLike(next, wanted)) return next;
    if (wanted.nodeType !== Node.ELEMENT_NODE) return null;
  }
  return null;
}

function isLike(one, other) {
  return one.nodeName === other.nodeName && !one.id && one.classList?.[0] === other.classList?.[0];
}

/** `moveBefore` keeps focus where a browser knows it. */
function move(parent, node, before) {
  if (parent.moveBefore && node.isConnected) parent.moveBefore(node, before);
  else parent.insertBefore(node, before);
}

htmx.defineExtension("keep", {
  handleSwap(style, target, fragment) {
    if (style !== "keep") return false;
    const fresh = fragment.querySelector(`#${target.id}`);
    // Something else answered, as the sign-in page does: the whole page has to say so.
    if (!fresh) location.reload();
    else morph(target, fresh);
    return [target];
  },
});
