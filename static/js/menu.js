/* Menus are <details data-menu>: they open without this. Here: one open at a time, Escape and a
   click elsewhere close, arrows walk. Tab leaves the menu, as from any group of links. */
const openMenus = () => document.querySelectorAll("details[data-menu][open]");
const entries = (menu) => [...menu.querySelectorAll(".menu :is(a, button):not([disabled])")];

function close(menu, { refocus = false } = {}) {
  menu.open = false;
  if (refocus) menu.querySelector("summary").focus();
}

document.addEventListener(
  "toggle",
  (event) => {
    if (!event.target.matches?.("details[data-menu]") || !event.target.open) return;
    for (const menu of openMenus()) if (menu !== event.target) close(menu);
  },
  true,
);

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) {
    const chosen = event.target.closest(".menu a, .menu [data-dialog]");
    if (!menu.contains(event.target) || chosen) close(menu);
  }
});

document.addEventListener("focusin", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) close(menu);
});

function walk(menu, key) {
  const items = entries(menu);
  const at = items.indexOf(document.activeElement);
  const steps = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 };
  items.at(steps[key] % items.length)?.focus();
}

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[data-menu]");
  if (!menu) return;
  if (event.key === "Escape" && menu.open) {
    close(menu, { refocus: true });
  } else if (["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) {
    if (!menu.open && event.key !== "ArrowDown") return;
    menu.open = true;
    walk(menu, event.key);
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
});
