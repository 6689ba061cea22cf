/* Light, dark or as the system says. The choice is a cookie, so that the server writes it into the
   page and nothing flashes. */
const YEAR = 31_536_000;

function show(choice) {
  document.documentElement.dataset.theme = choice;
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
  }
}

function keep(choice) {
  const age = choice === "auto" ? 0 : YEAR;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${choice}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
}

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-theme-choice]")?.dataset.themeChoice;
  if (!choice) return;
  keep(choice);
  show(choice);
});
