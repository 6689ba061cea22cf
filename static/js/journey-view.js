/* Looking at the journey tree: zoom, fit, outline, and arrows that walk from step to step. The CSS
   zoom property keeps layout, scrolling and hit-testing true. The choice lasts as long as the tab. */
const LEAST = 0.4;
const MOST = 1.5;
const START = 0.86;

export function attach(root) {
  const canvas = root.querySelector(".jb-canvas");
  const box = root.querySelector(".jb-zoom");
  const shown = root.querySelector("output");
  const outline = root.querySelector("[data-zoom='outline']");
  const key = `journey-view ${root.dataset.journey ?? location.pathname}`;
  let zoom = START;

  function setZoom(wanted) {
    zoom = Math.min(MOST, Math.max(LEAST, wanted));
    box.style.setProperty("--z", zoom);
    if (shown) shown.value = `${Math.round(zoom * 100)}%`;
    keep();
  }

  function setOutline(on) {
    root.toggleAttribute("data-outline", on);
    outline?.setAttribute("aria-pressed", String(on));
    keep();
  }

  function fit() {
    const tree = box.firstElementChild.getBoundingClientRect();
    const across = (canvas.clientWidth - 80) / tree.width;
    const down = (canvas.clientHeight - 60) / tree.height;
    setZoom(zoom * Math.min(across, down, 1 / zoom));
  }

  function keep() {
    try {
      const view = { zoom, outline: root.hasAttribute("data-outline") };
      sessionStorage.setItem(key, JSON.stringify(view));
    } catch { /* Where nothing may be kept, every page begins anew. */ }
  }

  function recall() {
    try {
      const view = JSON.parse(sessionStorage.getItem(key));
      if (view && view.zoom !== START) setZoom(Number(view.zoom) || START);
      if (view?.outline) setOutline(true);
    } catch { /* As above. */ }
  }

  const acts = {
    in: () => setZoom(zoom + 0.1),
    out: () => setZoom(zoom - 0.1),
    fit,
    outline: () => setOutline(!root.hasAttribute("data-outline")),
  };

  recall();
  root.addEventListener("click", (event) => {
    acts[event.target.closest("[data-zoom]")?.dataset.zoom]?.();
    if (event.target.closest(".open[hx-get], [data-close]")) choose(canvas, event.target);
  });
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    setZoom(zoom * (event.deltaY < 0 ? 1.08 : 0.93));
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const next = neighbour(canvas, event);
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.closest(".nd").scrollIntoView({ block: "nearest", inline: "nearest" });
  });
}

/** Marks the step whose panel is being fetched; none when the panel is closed. */
function choose(canvas, target) {
  canvas.querySelector(".nd.sel .open")?.removeAttribute("aria-current");
  canvas.querySelector(".nd.sel")?.classList.remove("sel");
  const open = target.closest(".open");
  open?.setAttribute("aria-current", "true");
  open?.closest(".nd").classList.add("sel");
}

/** The step an arrow leads to: up and down through the reading order, left and right between the
    lanes of a branch, Home to the start, End to the last; nothing where the tree ends. */
function neighbour(canvas, event) {
  const here = event.target.closest(".open");
  if (!here || event.altKey || event.ctrlKey || event.metaKey) return null;
  const all = [...canvas.querySelectorAll(".nd .open")];
  const at = all.indexOf(here);
  switch (event.key) {
    case "ArrowDown": return all[at + 1];
    case "ArrowUp": return all[at - 1];
    case "ArrowRight": return inLane(here, "nextElementSibling");
    case "ArrowLeft": return inLane(here, "previousElementSibling");
    case "Home": return all[0];
    case "End": return all.at(-1);
    default: return null;
  }
}

function inLane(here, side) {
  for (let lane = here.closest(".lane"); lane; lane = lane.parentElement.closest(".lane")) {
    const open = lane[side]?.querySelector(".nd .open");
    if (open) return open;
  }
  return null;
}

function start() {
  for (const root of document.querySelectorAll("[data-journey-view]")) attach(root);
}

start();
// Going back brings a new copy of the page, which nobody listens to yet.
document.addEventListener("htmx:historyRestore", start);
