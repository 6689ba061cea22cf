/* A suggestion that comes late must not replace what was typed meanwhile: the swap is left out
   when a field inside its target no longer holds what the server put there. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const fields = event.detail.target?.querySelectorAll?.("input, textarea, select") ?? [];
  const typed = [...fields].some((field) => field.value !== field.defaultValue);
  if (typed) event.detail.shouldSwap = false;
});
