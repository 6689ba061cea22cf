/* Short messages in the corner. They come with the page, by a response that triggers "toast"
   with {text, tone}, or from a request that failed. Bad news stays until it is closed. */
const box = document.getElementById("toasts");
const SECONDS = 8;

function closer(toast) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "×";
  button.setAttribute("aria-label", box.dataset.close);
  button.addEventListener("click", () => toast.remove());
  return button;
}

function settle(toast) {
  toast.append(closer(toast));
  if (toast.classList.contains("bad")) return;
  let left = SECONDS;
  const clock = setInterval(() => {
    if (!toast.isConnected) clearInterval(clock);
    if (toast.matches(":hover, :focus-within")) return;
    left -= 1;
    if (left <= 0) toast.remove();
  }, 1000);
}

function say(text, tone = "ok") {
  const toast = document.createElement("div");
  const words = document.createElement("span");
  toast.className = `toast ${tone}`;
  words.textContent = text;
  toast.append(words);
  box.append(toast);
  settle(toast);
}

if (box) {
  for (const toast of box.children) settle(toast);
  document.body.addEventListener("toast", (event) => say(event.detail.text, event.detail.tone));
  for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(failure, () => say(box.dataset.failed, "bad"));
  }
}
