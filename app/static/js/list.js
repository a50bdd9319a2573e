/* The list: selection, row keys, changing a value in place. Everything it does is also a link or a form. */

const table = document.getElementById("list");
const body = table.tBodies[0];
const token = document.querySelector('meta[name="csrf-token"]').content;
const toast = (text, kind) => document.dispatchEvent(new CustomEvent("house:toast", { detail: { text, kind } }));

/* Selection. The bar with the actions takes the place of the filter row. */

const boxes = [...body.querySelectorAll('input[name="rowid"]')];
const all = table.querySelector("[data-all]");
const bar = document.querySelector("[data-picked]");
const tools = document.querySelector("[data-toolbar]");
let anchor = null;

function showPicked() {
  const count = boxes.filter((box) => box.checked).length;
  for (const box of boxes) {
    if (box.checked) box.closest("tr").setAttribute("aria-selected", "true");
    else box.closest("tr").removeAttribute("aria-selected");
  }
  all.checked = count > 0 && count === boxes.length;
  all.indeterminate = count > 0 && count < boxes.length;
  if (!bar) return;
  const text = bar.querySelector("[data-count-text]");
  text.textContent = text.dataset.countText.replace("{n}", count);
  bar.hidden = !count;
  tools.hidden = Boolean(count);
}

function pick(box, on, range) {
  const from = boxes.indexOf(anchor);
  const to = boxes.indexOf(box);
  if (range && from >= 0) for (let at = Math.min(from, to); at <= Math.max(from, to); at += 1) boxes[at].checked = on;
  box.checked = on;
  anchor = box;
  showPicked();
}

if (all) {
  for (const box of boxes) box.addEventListener("click", (event) => pick(box, box.checked, event.shiftKey));
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    showPicked();
  });
  document.querySelector("[data-unpick]")?.addEventListener("click", () => {
    for (const box of boxes) box.checked = false;
    showPicked();
    document.getElementById("list-search")?.focus();
  });
  addEventListener("pageshow", showPicked);
}

for (const select of document.querySelectorAll("select[data-submit]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

/* Rows by keyboard. One row is a tab stop; j and k move. */

const rows = [...body.rows];
let current = rows[0];

function go(row) {
  if (!row) return;
  current?.setAttribute("tabindex", "-1");
  current = row;
  row.setAttribute("tabindex", "0");
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}
current?.setAttribute("tabindex", "0");

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.id === "list-search" && event.key === "Escape" && !event.target.value) return go(current);
  if (event.target.closest?.("input:not([type=checkbox]), select, textarea, .pop")) return;
  const focused = document.activeElement?.closest?.("#list tbody tr");
  const row = focused ?? null;
  const silent = document.documentElement.dataset.keys === "off";
  const onRow = document.activeElement === row;
  if (onRow && event.key === "Enter" && row.dataset.url) location.assign(row.dataset.url);
  else if (event.key === "F2" && row) edit(row.querySelector("td[data-edit]"));
  else if (onRow && event.key === "ArrowDown") go(rows[rows.indexOf(row) + 1]);
  else if (onRow && event.key === "ArrowUp") go(rows[rows.indexOf(row) - 1]);
  else if (silent) return;
  else if (event.key === "j") go(focused ? rows[rows.indexOf(row) + 1] : current);
  else if (event.key === "k") go(focused ? rows[rows.indexOf(row) - 1] : current);
  else if ((event.key === "x" || event.key === "X") && row) {
    const box = row.querySelector('input[name="rowid"]');
    if (box) pick(box, event.shiftKey || !box.checked, event.shiftKey);
  } else if (event.key === "e" && row) row.querySelector("[data-edit-link]")?.click();
  else return;
  event.preventDefault();
});

/* Changing a value in place: Enter saves, Esc gives up, Tab saves and goes on. */

const choices = () => JSON.parse(document.getElementById("filter")?.dataset.filters ?? "[]");

function input(cell) {
  const kind = cell.dataset.edit;
  const known = kind === "enum" || kind === "dictionary" || kind === "flag"
    ? choices().find((one) => one.name === cell.dataset.column)?.choices : null;
  const field = document.createElement(known ? "select" : "input");
  if (known) {
    if (!cell.dataset.raw) field.append(new Option("", ""));
    for (const [key, text] of known) field.append(new Option(text, key));
  } else if (kind === "date") field.type = "date";
  else if (["integer", "money", "price", "percent"].includes(kind)) field.inputMode = "decimal";
  field.className = "input";
  field.value = cell.dataset.raw;
  if (cell.dataset.masked) field.placeholder = cell.dataset.masked;
  field.setAttribute("aria-label", cell.dataset.label);
  return field;
}

function edit(cell) {
  if (!cell || cell.classList.contains("editing")) return;
  const row = cell.closest("tr");
  const before = [...cell.childNodes];
  const field = input(cell);
  const ghost = document.createElement("span");
  let done = false;
  ghost.className = "ghost";
  ghost.append(...before);
  cell.classList.add("editing");
  cell.replaceChildren(ghost, field);
  field.focus();
  field.select?.();

  function close(...nodes) {
    done = true;
    cell.classList.remove("editing");
    cell.replaceChildren(...nodes);
  }

  function refuse(text) {
    cell.querySelector(".field-error")?.remove();
    const error = document.createElement("span");
    error.className = "field-error";
    error.id = "cell-error";
    error.dataset.field = cell.dataset.column;
    error.setAttribute("role", "alert");
    error.textContent = text;
    cell.append(error);
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", "cell-error");
    field.disabled = false;
    field.focus();
  }

  async function save(then) {
    if (done || field.disabled) return;
    if (field.value === cell.dataset.raw) {
      close(...before);
      return then?.();
    }
    field.disabled = true;
    const sent = new URLSearchParams({ list_form_pk: row.dataset.id, version: row.dataset.version, [cell.dataset.column]: field.value });
    try {
      const answer = await fetch(table.dataset.update, {
        method: "POST", body: sent, headers: { "X-CSRFToken": token, Accept: "application/json" },
      });
      const data = await answer.json().catch(() => ({}));
      if (answer.status === 422) return refuse(Object.values(data.errors ?? {}).flat().join(" ") || table.dataset.refused);
      if (answer.status === 409) return refuse(table.dataset.stale);
      if (!answer.ok || answer.redirected) return refuse(data.message || table.dataset.refused);
      row.dataset.version = data.version;
      cell.dataset.raw = data.value ?? "";
      if (cell.dataset.masked) cell.dataset.masked = data.text;
      close(...shown(before, data));
      cell.classList.toggle("blank", !data.text);
      cell.classList.add("saved");
      cell.addEventListener("animationend", () => cell.classList.remove("saved"), { once: true });
      toast(table.dataset.saved, "success");
      then?.();
    } catch {
      refuse(table.dataset.failed);
    }
  }

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") close(...before);
    else if (event.key === "Enter") save();
    else if (event.key === "Tab") {
      const cells = [...body.querySelectorAll("td[data-edit]")];
      const next = cells[cells.indexOf(cell) + (event.shiftKey ? -1 : 1)];
      save(() => edit(next));
    } else return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key !== "Tab") go(row);
  });
  field.addEventListener("blur", () => setTimeout(() => { if (!done && !cell.contains(document.activeElement)) save(); }, 120));
}

/* The cell as it was, with the new words; a pill whose colour is unknown turns grey until the next load. */
function shown(before, data) {
  const pill = before.find((node) => node.className?.includes?.("pill"));
  const twin = pill && [...body.querySelectorAll("td .pill")].find((one) => one.textContent === data.text);
  if (twin) return [twin.cloneNode(true)];
  const text = data.text ?? "";
  if (!pill || !text) return [text];
  const part = document.createElement("span");
  part.className = "pill grey";
  part.textContent = text;
  return [part];
}

body.addEventListener("click", (event) => {
  const cell = event.target.closest("td[data-edit]");
  if (cell && !event.target.closest("a, input, select, button") && !String(getSelection())) edit(cell);
});
