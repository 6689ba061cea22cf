/* Dialogs. A link or button with data-dialog="id" opens <dialog id>; without a script the link
   leads to a page of its own. With hx-get and hx-target="#modal-body" the dialog opens once the
   answer is there. A response that triggers closeDialog closes it. Focus returns by itself. */
const REMOTE = "modal-body";

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const closer = event.target.closest("[data-dialog-close]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog")?.close();
  } else if (opener && !opener.hasAttribute("hx-get") && plainClick(event)) {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (!dialog) return;
    event.preventDefault();
    dialog.showModal();
  } else if (event.target.matches("dialog.modal") && outside(event)) {
    event.target.close();
  }
});

function plainClick(event) {
  return !(event.ctrlKey || event.metaKey || event.shiftKey || event.button);
}

function outside(event) {
  const box = event.target.getBoundingClientRect();
  const { clientX: x, clientY: y } = event;
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
}

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== REMOTE) return;
  const dialog = event.detail.target.closest("dialog");
  if (!dialog.open && event.detail.target.childElementCount) dialog.showModal();
});

document.body.addEventListener("closeDialog", () => {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
});
