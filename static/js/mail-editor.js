/* The mail editor works without this: every button is a submit button. Here: the preview follows
   what is typed, prose is edited as prose, counts count, and leaving unsaved work asks first. */
const form = document.getElementById("editor");
const state = document.getElementById("state");
const PAUSE = 500;
let timer;
let lastField;
let lastPlace;
let leaving = false;
let shown = 0;

/* A fresh frame for each preview, so that the back button never walks through them. */
function refresh() {
  const old = form.querySelector("#preview");
  const fresh = old.cloneNode();
  fresh.removeAttribute("src");
  fresh.classList.add("coming");
  fresh.name = `preview-${++shown}`;
  old.removeAttribute("id");
  old.after(fresh);
  fresh.addEventListener("load", () => {
    fresh.classList.remove("coming");
    const frames = [...form.querySelectorAll(".mail-box > iframe")];
    frames.slice(0, frames.indexOf(fresh)).forEach((frame) => frame.remove());
  });
  const action = form.getAttribute("action");
  form.setAttribute("action", form.dataset.preview);
  form.setAttribute("target", fresh.name);
  HTMLFormElement.prototype.submit.call(form);
  form.setAttribute("action", action);
  form.removeAttribute("target");
}

function refreshSoon() {
  clearTimeout(timer);
  timer = setTimeout(refresh, PAUSE);
}

function changed() {
  if (!("changed" in form.dataset)) {
    form.dataset.changed = "";
    state.textContent = state.dataset.dirty;
  }
  refreshSoon();
}

function count(input) {
  const label = form.querySelector(`[data-count-for="${input.id}"]`);
  if (!label) return;
  const most = Number(input.dataset.count);
  label.textContent = `${[...input.value].length} / ${most}`;
  label.classList.toggle("over", [...input.value].length > most);
}

form.addEventListener("input", (event) => {
  if (event.target.dataset?.count) count(event.target);
  if (event.target.matches("[name='view'], [name='contact'], [name='at']")) return;
  changed();
});
form.addEventListener("change", (event) => {
  if (event.target.matches("[name='view'], [name='contact']")) refresh();
});
form.addEventListener("focusin", (event) => {
  if (event.target.matches("input:not([type='radio']), textarea, .rich-box")) lastField = event.target;
});
form.addEventListener("submit", () => { leaving = true; });
addEventListener("beforeunload", (event) => {
  if ("changed" in form.dataset && !leaving) event.preventDefault();
});

/* A merge field goes where the writer was last, so the caret must not leave for the button. */
form.addEventListener("mousedown", (event) => {
  if (event.target.closest("[data-put]")) event.preventDefault();
});
document.addEventListener("selectionchange", () => {
  const chosen = getSelection();
  if (lastField?.isContentEditable && lastField.contains(chosen.anchorNode)) {
    lastPlace = chosen.getRangeAt(0).cloneRange();
  }
});
form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-put]");
  if (!button) return;
  const field = lastField?.isConnected ? lastField : form.querySelector("[name='subject']");
  field.focus();
  if (field.isContentEditable) {
    if (lastPlace && field.contains(lastPlace.startContainer)) {
      getSelection().removeAllRanges();
      getSelection().addRange(lastPlace);
    }
    document.execCommand("insertText", false, button.dataset.put);
  } else {
    field.setRangeText(button.dataset.put, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

/* A new block goes after the open one. */
form.addEventListener("toggle", (event) => {
  if (event.target.matches(".blk[open]")) {
    form.querySelector("#at").value = event.target.dataset.number;
    event.target.querySelectorAll("textarea[data-rich]").forEach(enrich);
  }
}, true);

/* Prose without Liquid tags is edited as it will look; anything else stays as it was written. */
const KNOWN = "p, br, strong, b, em, i, u, s, a, ul, ol, li, blockquote, h2, h3";

function enrich(area) {
  if (area.closest(".rich") || area.value.includes("{%")) return;
  const parsed = new DOMParser().parseFromString(area.value, "text/html").body;
  if ([...parsed.querySelectorAll("*")].some((each) => !each.matches(KNOWN))) return;
  const box = document.createElement("div");
  box.className = "rich-box";
  box.contentEditable = "true";
  box.setAttribute("role", "textbox");
  box.setAttribute("aria-multiline", "true");
  const label = form.querySelector(`label[for="${area.id}"]`);
  label.id ||= `${area.id}_label`;
  box.setAttribute("aria-labelledby", label.id);
  if (area.getAttribute("aria-invalid")) box.setAttribute("aria-invalid", "true");
  box.append(...parsed.childNodes);
  const frame = document.createElement("div");
  frame.className = "rich";
  area.before(frame);
  const tools = document.getElementById("rich-tools").content.cloneNode(true);
  frame.append(tools, box, area);
  area.hidden = true;
  label.addEventListener("click", () => box.focus());
  box.addEventListener("focus", () => document.execCommand("defaultParagraphSeparator", false, "p"));
  box.addEventListener("input", () => { area.value = box.innerHTML; });
  box.addEventListener("paste", (event) => {
    event.preventDefault();
    document.execCommand("insertText", false, event.clipboardData.getData("text/plain"));
  });
  frame.addEventListener("mousedown", (event) => {
    if (event.target.closest("[data-rich-do]")) event.preventDefault();
  });
  frame.addEventListener("click", (event) => {
    const button = event.target.closest("[data-rich-do]");
    if (!button) return;
    box.focus();
    const asked = button.dataset.ask && prompt(button.dataset.ask, "https://");
    if (button.dataset.ask && !asked) return;
    document.execCommand(button.dataset.richDo, false, asked);
  });
}

function dress() {
  form.querySelectorAll(".blk[open] textarea[data-rich]").forEach(enrich);
}

document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id !== "mail-blocks") return;
  dress();
  changed();
  form.querySelector(".blk[open] > summary")?.focus();
});

form.querySelectorAll("[data-count]").forEach(count);
dress();
if ("changed" in form.dataset) refresh();
