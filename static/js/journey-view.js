/* The journey tree, read only: zoom, fit, and arrows that walk from step to step. The CSS zoom
   property keeps layout, scrolling and hit-testing true. */
const LEAST = 0.4;
const MOST = 1.5;
const START = 0.86;

export function attach(root) {
  const canvas = root.querySelector(".jb-canvas");
  const box = root.querySelector(".jb-zoom");
  const shown = root.querySelector("output");
  let zoom = START;

  function setZoom(wanted) {
    zoom = Math.min(MOST, Math.max(LEAST, wanted));
    box.style.setProperty("--z", zoom);
    if (shown) shown.value = `${Math.round(zoom * 100)}%`;
  }

  function fit() {
    const tree = box.firstElementChild.getBoundingClientRect();
    const across = (canvas.clientWidth - 80) / tree.width;
    const down = (canvas.clientHeight - 60) / tree.height;
    setZoom(zoom * Math.min(across, down, 1 / zoom));
  }

  const acts = {
    in: () => setZoom(zoom + 0.1),
    out: () => setZoom(zoom - 0.1),
    fit,
  };

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
