// Light, dark, or what the system says, which is where it begins and can be gone back to.
import { html, useState } from "./preact.js";

const NEXT = { system: "light", light: "dark", dark: "system" };
const SIGNS = { system: "◐", light: "☀", dark: "☾" };
const chosen = () => localStorage.getItem("genqd_theme") || "system";

export function showTheme() {
  const theme = chosen();
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function ThemeButton() {
  const [theme, setTheme] = useState(chosen);
  const change = () => {
    if (NEXT[theme] === "system") localStorage.removeItem("genqd_theme");
    else localStorage.setItem("genqd_theme", NEXT[theme]);
    showTheme();
    setTheme(chosen());
  };
  return html`<button type="button" class="quiet" onClick=${change} title="Theme: ${theme}" aria-label="Theme: ${theme}">${SIGNS[theme]}</button>`;
}
