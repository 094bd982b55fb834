/* Sets the chosen theme before the first paint; a file of its own, as the page's policy allows no inline script. */
try {
  var theme = localStorage.getItem("ha-ingestor-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  /* Storage is forbidden: the system's theme it is. */
}
