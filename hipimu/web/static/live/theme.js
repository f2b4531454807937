// Before the first paint, so that a dark page never flashes white.
(() => {
  try {
    const { theme } = JSON.parse(localStorage.getItem("hipimu.live")) ?? {};
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // The system's scheme, then.
  }
})();
