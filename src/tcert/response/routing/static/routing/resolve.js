import { cut } from "routing/cut.js";

// The field that is typed into has no name here, so that it is never sent: the cut text is.
const SHOWN = 12;
const form = document.getElementById("resolve");
const field = form.elements.what;
const titles = form.elements.titles;
const leaves = document.getElementById("leaves");
const sent = document.createElement("input");
sent.type = "hidden";
sent.name = field.name;
field.removeAttribute("name");
form.append(sent);

const show = () => {
  const lines = cut(field.value, titles.checked).split("\n");
  const more = lines.length > SHOWN ? `\n… ${leaves.dataset.more}` : "";
  leaves.textContent = lines.slice(0, SHOWN).join("\n") + more;
  leaves.hidden = !field.value.trim();
};

field.addEventListener("input", show);
titles.addEventListener("change", show);
form.addEventListener("submit", () => { sent.value = cut(field.value, titles.checked); });
show();

const answer = document.getElementById("answer");
if (answer) answer.focus();
