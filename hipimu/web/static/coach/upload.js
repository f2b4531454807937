// Only what makes pages handier: everything works without.

const percent = (done) => `${Math.round(100 * done)} %`;

// How far an upload is: asked once a second, less often while nobody looks.
const following = document.getElementById("following");
if (following) {
  const said = document.getElementById("following-said");
  const bar = document.getElementById("following-done");
  const steps = [...following.querySelectorAll(".steps li")];
  const MARKS = { done: "✓", now: "→", "to come": "·" };

  const show = (state) => {
    // A screen reader would read aloud every hundredth.
    if (said.textContent !== state.said) said.textContent = state.said;
    if (state.done === null) bar.removeAttribute("value");
    else bar.value = state.done;
    steps.forEach((step, place) => {
      const told = state.steps[place];
      step.toggleAttribute("aria-current", told === "now");
      if (told === "now") step.setAttribute("aria-current", "step");
      step.querySelector(".mark").textContent = MARKS[told];
      step.querySelector(".unseen").textContent = `: ${told}`;
    });
  };

  const ask = async () => {
    let wait = document.hidden ? 5000 : 1000;
    try {
      const answer = await fetch(following.dataset.state, { headers: { Accept: "application/json" } });
      if (!answer.ok) return location.reload();
      const state = await answer.json();
      if (state.ended) return location.reload();
      show(state);
    } catch {
      said.textContent = "The server cannot be reached; this page tries again.";
      wait = 5000;
    }
    setTimeout(ask, wait);
  };
  setTimeout(ask, 500);
}

const form = document.getElementById("upload");
if (form) {
  const button = form.querySelector("button[type=submit]");
  const sending = document.getElementById("sending");
  const said = document.getElementById("sending-said");
  const bar = document.getElementById("sending-done");
  let under = null;

  const refuse = (text) => {
    under = null;
    sending.hidden = true;
    button.removeAttribute("aria-disabled");
    const told = document.createElement("p");
    told.id = "refused";
    told.className = "refused";
    told.setAttribute("role", "alert");
    told.textContent = text;
    document.getElementById("said").replaceChildren(told);
    told.scrollIntoView({ block: "nearest" });
  };

  const tooMuch = () => {
    const files = [...form.querySelectorAll("input[type=file]")].flatMap((own) => [...own.files]);
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    const { mostBytes, mostFiles } = form.dataset;
    if (files.length > Number(mostFiles)) return `At most ${mostFiles} files are taken at once. Pack the recording's folder as a zip.`;
    if (bytes > Number(mostBytes)) return `That is more than the ${Math.round(mostBytes / 1e6)} MB that are taken at once. Pack the recording as a zip, or send a shorter one.`;
    return "";
  };

  const ended = () => {
    if (under.status === 200 && under.responseURL.includes("/uploads/")) return location.assign(under.responseURL);
    const told = under.response?.getElementById("refused") ?? under.response?.querySelector("body > p");
    // Logged out meanwhile, or something else than this page foresees: the page itself tells.
    refuse(told?.textContent.trim() || "That did not work. Reload the page and send it again.");
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (under) return;
    const much = tooMuch();
    if (much) return refuse(much);
    document.getElementById("said").replaceChildren();
    under = new XMLHttpRequest();
    under.open("POST", form.action);
    under.responseType = "document";
    under.upload.addEventListener("progress", ({ lengthComputable, loaded, total }) => {
      if (!lengthComputable || loaded >= total) return;
      bar.value = loaded / total;
      said.textContent = `Sending: ${percent(loaded / total)}.`;
    });
    under.upload.addEventListener("load", () => {
      bar.removeAttribute("value");
      said.textContent = "Sent.";
    });
    under.addEventListener("load", ended);
    under.addEventListener("error", () => refuse("The connection broke before everything was sent. Send it again; if it breaks each time, the files may be more than the server takes."));
    button.setAttribute("aria-disabled", "true");
    said.textContent = "Sending.";
    bar.value = 0;
    sending.hidden = false;
    under.send(new FormData(form));
  });
  // Browsers keep the page as it was when one comes back.
  addEventListener("pageshow", () => {
    if (under?.readyState !== XMLHttpRequest.DONE) return;
    under = null;
    sending.hidden = true;
    button.removeAttribute("aria-disabled");
  });
}
