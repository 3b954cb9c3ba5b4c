// What scripts add to every page: keys, copy buttons, running clocks, confirming by name.
// Everything works without it; it builds with DOM calls only (Trusted Types).

const SWITCH = "hub-keys-off";

const typing = (target) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

// Copy buttons ----------------------------------------------------------------

const copyText = async (text) => {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "sr-only";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
};

const onCopy = async (button) => {
  const source = button.dataset.copyFrom && document.getElementById(button.dataset.copyFrom);
  const text = source ? (source.value ?? source.textContent) : button.dataset.copy;
  const label = button.textContent;
  try {
    await copyText(text);
  } catch {
    return;
  }
  button.textContent = button.dataset.done || label;
  setTimeout(() => { button.textContent = label; }, 2000);
};

// Clocks ------------------------------------------------------------------------

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const countdown = (left, words) => {
  const days = Math.floor(left / DAY);
  const hours = Math.floor((left % DAY) / HOUR);
  const minutes = Math.floor((left % HOUR) / MINUTE);
  const named = `${days} ${days === 1 ? words.day : words.days}`;
  if (days >= 30) return named;
  if (days) return hours ? `${named} ${hours} ${words.hour}` : named;
  if (hours) return minutes ? `${hours} ${words.hour} ${minutes} ${words.minute}` : `${hours} ${words.hour}`;
  return `${Math.max(minutes, 1)} ${words.minute}`;
};

const refreshClocks = () => {
  for (const place of document.querySelectorAll("[data-countdown]")) {
    const left = new Date(place.dataset.countdown) - Date.now();
    place.textContent = left > 0 ? countdown(left, place.dataset) : place.dataset.ended;
    const clock = place.closest(".clock");
    if (clock) {
      const [soon, late] = [place.dataset.soon * HOUR, place.dataset.late * HOUR];
      clock.classList.toggle("late", left <= late);
      clock.classList.toggle("soon", left > late && left <= soon);
    }
  }
};

// Confirm by typing a name: <form data-confirm-name="Altus Networks"> -----------------
// The server checks it again; the script only holds the button back until it matches.

const holdUntilNamed = (form) => {
  const field = form.querySelector("[name=confirm_name], [data-confirm-field]");
  const buttons = form.querySelectorAll("[type=submit]");
  if (!field) return;
  const check = () => {
    const same = field.value.trim().toLowerCase() === form.dataset.confirmName.trim().toLowerCase();
    for (const button of buttons) button.disabled = !same;
  };
  field.addEventListener("input", check);
  check();
};

// Keys ----------------------------------------------------------------------------

const keysOff = () => {
  try { return localStorage.getItem(SWITCH) === "1"; } catch { return false; }
};

const listKeys = (dialog) => {
  const list = dialog.querySelector("[data-shortcut-list]");
  if (!list || list.childElementCount) return;
  for (const link of document.querySelectorAll("[data-key]")) {
    const term = document.createElement("dt");
    const words = document.createElement("dd");
    for (const letter of ["g", link.dataset.key]) {
      const key = document.createElement("kbd");
      key.textContent = letter;
      term.append(key, " ");
    }
    words.textContent = (link.querySelector("span") ?? link).textContent.trim();
    list.append(term, words);
  }
};

const showKeys = () => {
  const dialog = document.getElementById("shortcuts");
  if (!dialog || dialog.open) return;
  listKeys(dialog);
  dialog.showModal();
};

// How long after "g" a letter still means a place; long enough for slow hands (ms).
const PATIENCE = 3000;

let going = 0;

const onKey = (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (typing(event.target) || (keysOff() && event.key !== "?")) return;
  if (event.key === "?") {
    event.preventDefault();
    showKeys();
  } else if (event.key === "/") {
    const field = document.querySelector("[data-seek]");
    if (field) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  } else if (event.key === "g") {
    going = Date.now();
  } else if (Date.now() - going < PATIENCE) {
    going = 0;
    const link = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (link) link.click();
  }
};

// Start ------------------------------------------------------------------------------

for (const part of document.querySelectorAll("[data-copy], [data-copy-from], [data-with-script]")) {
  part.hidden = false;
}
for (const part of document.querySelectorAll("[data-without-script]")) part.hidden = true;
for (const form of document.querySelectorAll("form[data-confirm-name]")) holdUntilNamed(form);

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const button = target?.closest("[data-copy], [data-copy-from]");
  if (button) onCopy(button);
  for (const sheet of document.querySelectorAll("details.who[open]")) {
    if (!sheet.contains(target)) sheet.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const sheet of document.querySelectorAll("details.who[open]")) {
    sheet.open = false;
    sheet.querySelector("summary").focus();
  }
});
document.addEventListener("keydown", onKey);
document.addEventListener("submit", (event) => {
  // A second press while the first is on its way sends nothing twice.
  const form = event.target;
  if (form.method === "dialog" || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  else form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

const keySwitch = document.querySelector("[data-shortcut-switch]");
if (keySwitch) {
  keySwitch.checked = !keysOff();
  keySwitch.addEventListener("change", () => {
    try { localStorage.setItem(SWITCH, keySwitch.checked ? "" : "1"); } catch { /* private mode */ }
  });
}

if (document.querySelector("[data-countdown]")) setInterval(refreshClocks, 30_000);
