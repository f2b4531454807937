// Only what makes pages handier: everything works without.

const form = document.querySelector("form.compare");
if (form) {
  const button = form.querySelector("button");
  const said = document.getElementById("chosen");
  const MOST = 6;

  const count = () => {
    const chosen = form.querySelectorAll("input[name=session]:checked").length;
    button.setAttribute("aria-disabled", String(chosen < 2 || chosen > MOST));
    said.textContent = words(chosen);
    return chosen >= 2 && chosen <= MOST;
  };
  const words = (chosen) => {
    if (chosen === 0) return "";
    if (chosen === 1) return "1 chosen: choose another.";
    if (chosen > MOST) return `${chosen} chosen: at most ${MOST} can be compared.`;
    return `${chosen} chosen.`;
  };

  form.addEventListener("change", count);
  form.addEventListener("submit", (event) => {
    if (count()) return;
    event.preventDefault();
    if (!form.querySelector("input[name=session]:checked")) said.textContent = "Choose two to six sessions in the list.";
  });
  // Browsers keep what was chosen when one comes back.
  addEventListener("pageshow", count);
}
