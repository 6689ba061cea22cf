/* Shows what was typed into a password field: <button data-reveal="id of the input">. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  const input = button && document.getElementById(button.dataset.reveal);
  if (!input) return;
  const shown = input.type === "password";
  const word = button.firstElementChild;
  input.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
  [word.textContent, button.dataset.hide] = [button.dataset.hide, word.textContent];
});
