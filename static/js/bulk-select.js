/* Choosing rows of a list. Inside <form data-bulk>: row boxes name="ids", a head box
   [data-bulk-all], a bar .bulk with [data-bulk-count] and [data-bulk-clear]. The style sheet hides
   the bar while nothing is chosen; without a script it is always there.
   The choice is dropped when htmx swaps the rows: it belongs to what is on screen. */
const forms = () => document.querySelectorAll("form[data-bulk]");
const boxes = (form) => [...form.querySelectorAll('tbody input[type="checkbox"][name="ids"]')];

function refresh(form) {
  const all = boxes(form);
  const chosen = all.filter((box) => box.checked).length;
  const head = form.querySelector("[data-bulk-all]");
  if (head) {
    head.checked = chosen > 0 && chosen === all.length;
    head.indeterminate = chosen > 0 && chosen < all.length;
  }
  for (const count of form.querySelectorAll("[data-bulk-count]")) count.textContent = chosen;
}

function choose(form, checked) {
  for (const box of boxes(form)) box.checked = checked;
  refresh(form);
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-bulk]");
  if (!form) return;
  if (event.target.matches("[data-bulk-all]")) choose(form, event.target.checked);
  else refresh(form);
});

document.addEventListener("click", (event) => {
  const form = event.target.closest("[data-bulk-clear]")?.closest("form[data-bulk]");
  if (form) choose(form, false);
});

document.body.addEventListener("htmx:afterSettle", () => forms().forEach(refresh));
forms().forEach(refresh);
