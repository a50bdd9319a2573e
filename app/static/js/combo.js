/* Look-up fields. <input name="customer" value="12" data-lookup="…" data-text="…"> becomes a hidden input with
   the id and a visible combobox with the words. Whatever was typed but not chosen is posted as it is, so that
   the server can say what is wrong with it. */

const PAUSE = 150;
const LIMIT = 20;
let made = 0;

function upgrade(input) {
  const words = input.dataset;
  const box = document.createElement("span");
  const hidden = document.createElement("input");
  const list = document.createElement("ul");
  hidden.type = "hidden";
  hidden.name = input.name;
  hidden.value = input.value;
  box.className = "combo";
  list.className = "fixed" in words ? "options fixed" : "options";
  list.id = `combo-${(made += 1)}`;
  list.setAttribute("role", "listbox");
  list.hidden = true;

  input.removeAttribute("name");
  input.removeAttribute("inputmode");
  input.value = words.text || input.value;
  input.title = input.value;
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list",
  })) input.setAttribute(name, value);
  list.setAttribute("aria-label", input.getAttribute("aria-label") || input.labels?.[0]?.textContent.trim() || words.lookup);
  input.dataset.combo = "";
  input.replaceWith(box);
  box.append(input, hidden, list);

  let found = [];
  let active = -1;
  let chosen = input.value;
  let timer = 0;
  let asked = 0;
  let composing = false;

  const isOpen = () => !list.hidden;

  function close() {
    clearTimeout(timer);
    asked += 1;
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function place() {
    if (!("fixed" in words)) return;
    const field = input.getBoundingClientRect();
    list.style.left = `${Math.min(field.left, innerWidth - 328)}px`;
    list.style.width = `${Math.max(field.width, 320)}px`;
    const below = innerHeight - field.bottom > 280;
    list.style.top = below ? `${field.bottom + 2}px` : "auto";
    list.style.bottom = below ? "auto" : `${innerHeight - field.top + 2}px`;
  }

  function say(text) {
    found = [];
    active = -1;
    const row = document.createElement("li");
    row.className = "state";
    row.setAttribute("role", "option");
    row.setAttribute("aria-disabled", "true");
    row.textContent = text;
    list.replaceChildren(row);
    show();
  }

  function show() {
    place();
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  }

  function mark(index) {
    active = found.length ? (index + found.length) % found.length : -1;
    for (const [at, row] of [...list.children].entries()) row.setAttribute("aria-selected", String(at === active));
    if (active < 0) return;
    input.setAttribute("aria-activedescendant", list.children[active].id);
    list.children[active].scrollIntoView({ block: "nearest" });
  }

  function fill(rows) {
    found = rows;
    list.replaceChildren(...rows.map(([id, text], at) => {
      const row = document.createElement("li");
      row.id = `${list.id}-${at}`;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", "false");
      row.textContent = text;
      row.addEventListener("mousedown", (event) => { event.preventDefault(); choose(id, text); });
      return row;
    }));
    show();
    mark(0);
  }

  function choose(id, text) {
    hidden.value = id;
    input.value = text;
    input.title = text;
    chosen = text;
    close();
    hidden.dispatchEvent(new Event("change", { bubbles: true }));
  }

  async function look() {
    const ours = (asked += 1);
    const text = input.value.trim();
    const url = new URL(words.lookup, location.href);
    const customer = input.form?.querySelector('input[type="hidden"][name="customer"]');
    url.searchParams.set("query", text === chosen ? "" : text);
    url.searchParams.set("offset", "0");
    url.searchParams.set("limit", String(LIMIT));
    if (customer?.value && customer !== hidden) url.searchParams.set("customer", customer.value);
    const slow = setTimeout(() => { if (ours === asked) say(words.busy); }, 300);
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      const rows = await answer.json();
      if (ours !== asked || document.activeElement !== input) return;
      if (rows.length) fill(rows);
      else say(words.none);
    } catch {
      if (ours === asked) say(words.fail);
    } finally {
      clearTimeout(slow);
    }
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  }

  /* Settle what was typed: nothing, the one match, or the text itself. */
  function settle() {
    const text = input.value.trim();
    if (text === chosen) return;
    const exact = found.filter((row) => row[1] === text);
    const only = exact.length === 1 ? exact[0] : found.length === 1 && isOpen() ? found[0] : null;
    if (text && only) return choose(...only);
    hidden.value = text;
    chosen = text;
    hidden.dispatchEvent(new Event("change", { bubbles: true }));
  }

  input.addEventListener("compositionstart", () => { composing = true; });
  input.addEventListener("compositionend", () => { composing = false; later(); });
  input.addEventListener("input", () => { if (!composing) later(); });
  input.addEventListener("click", () => { if (!isOpen()) look(); });
  input.addEventListener("blur", () => { settle(); close(); });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (isOpen()) mark(active + (event.key === "ArrowDown" ? 1 : -1));
      else if (event.altKey || !input.closest("[data-grid]")) look();
      else return;
    } else if (event.key === "Enter" && isOpen() && active >= 0) choose(...found[active]);
    else if (event.key === "Tab" && isOpen() && active >= 0 && input.value.trim() !== chosen && input.value.trim()) {
      choose(...found[active]);
      return;
    } else if (event.key === "Escape" && isOpen()) {
      input.value = chosen;
      close();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  addEventListener("scroll", (event) => { if (isOpen() && "fixed" in words && !list.contains(event.target)) close(); }, true);

  /* A pasted or copied row sets both at once. */
  box.addEventListener("house:set", (event) => choose(event.detail.value, event.detail.text));
}

function upgradeAll(from) {
  for (const input of from.querySelectorAll("input[data-lookup]:not([data-combo])")) {
    if (input.dataset.lookup) upgrade(input);
  }
}

upgradeAll(document);
document.addEventListener("house:rows", (event) => upgradeAll(event.target));
