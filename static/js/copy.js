/* Copies the text of another element: <button data-copy="#selector" data-copied="Copied">. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  const source = button && document.querySelector(button.dataset.copy);
  if (!source) return;
  const label = button.lastElementChild ?? button;
  try {
    await navigator.clipboard.writeText((source.value ?? source.textContent).trim());
  } catch {
    getSelection().selectAllChildren(source);
    return;
  }
  const before = label.textContent;
  label.textContent = button.dataset.copied;
  setTimeout(() => { label.textContent = before; }, 2000);
});
