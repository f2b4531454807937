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

for (const button of document.querySelectorAll("button[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const said = button.parentElement.querySelector("[role=status]");
  // Browsers give the clipboard to pages under https or on this computer only.
  const copied = async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      return true;
    } catch {
      return document.execCommand("copy");
    }
  };
  button.hidden = false;
  button.addEventListener("click", async () => {
    said.textContent = (await copied()) ? "Copied." : "Marked: copy it with Ctrl-C, or ⌘C.";
  });
}
