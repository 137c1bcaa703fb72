// Light or dark, before the first paint: what this browser chose, else what the system says.

const KEY = "callcenter.theme";
const system = matchMedia("(prefers-color-scheme: dark)");

function showTheme() {
  const chosen = localStorage.getItem(KEY);
  document.documentElement.dataset.bsTheme = chosen ?? (system.matches ? "dark" : "light");
}

showTheme();
system.addEventListener("change", showTheme);
document.addEventListener("click", (event) => {
  if (!event.target.closest("#theme")) return;
  const dark = document.documentElement.dataset.bsTheme === "dark";
  localStorage.setItem(KEY, dark ? "light" : "dark");
  showTheme();
});
