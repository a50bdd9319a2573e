/* Child rows: add, copy, remove, move by keys, paste from Excel. Sheets of order lines also show exact sums;
   they are a preview, the server computes its own. */

const sheetBox = document.querySelector("[data-sheet]");
const money = sheetBox && await import(sheetBox.dataset.money);

const numbers = { quantity: 0, unit_price: 4, tax_rate: 2 };

const fieldsOf = (row) => [...row.querySelectorAll("input, select, textarea")].filter((field) => field.type !== "hidden" && !field.closest(".tools"));
const cellField = (cell) => cell?.querySelector("input:not([type=hidden]), select, textarea");
const valueOf = (row, name) => row.querySelector(`[data-cell="${name}"] :is(input, select)`)?.value ?? "";

function setField(cell, value, text = value) {
  const field = cellField(cell);
  if (!field) return;
  if (field.type === "checkbox") field.checked = ["1", "是", "√", "✓", "Y", "y", "true"].includes(value);
  else if (field.tagName === "SELECT") {
    const option = [...field.options].find((one) => one.value === value || one.text === value);
    if (option) field.value = option.value;
  } else if (field.dataset.combo !== undefined) {
    field.dispatchEvent(new CustomEvent("house:set", { bubbles: true, detail: { value, text } }));
  } else field.value = field.type === "date" ? value.replace(/[./]/g, "-") : value;
}

function start(box) {
  const grid = box.querySelector("table");
  const body = grid.tBodies[0];
  const blank = box.querySelector("template");
  const form = box.closest("form");
  const sheet = "sheet" in box.dataset;
  let next = Number(box.dataset.next);

  const rows = () => [...body.rows].filter((row) => "row" in row.dataset);
  const touched = () => form.dispatchEvent(new Event("input", { bubbles: true }));

  function add(after = null) {
    const holder = document.createElement("template");
    holder.innerHTML = blank.innerHTML.replaceAll("__n__", String(next));
    next += 1;
    const row = holder.content.querySelector("tr");
    grid.hidden = false;
    box.classList.add("open");
    if (after) after.after(row);
    else body.append(row);
    dress(row);
    row.dataset.untouched = JSON.stringify(fieldsOf(row).map((field) => field.type === "checkbox" ? field.checked : field.value));
    row.dispatchEvent(new CustomEvent("house:rows", { bubbles: true }));
    return row;
  }

  function dress(row) {
    for (const button of row.querySelectorAll("[data-copy]")) button.hidden = false;
    mark(row);
  }

  function mark(row) {
    row.classList.toggle("going", Boolean(row.querySelector(".gone input")?.checked));
  }

  function copy(row) {
    const twin = add(row);
    for (const cell of row.querySelectorAll("[data-cell]")) {
      const field = cellField(cell);
      if (!field) continue;
      const target = twin.querySelector(`[data-cell="${cell.dataset.cell}"]`);
      const hidden = cell.querySelector("input[type=hidden]");
      if (field.type === "checkbox") cellField(target).checked = field.checked;
      else setField(target, hidden ? hidden.value : field.value, field.value);
    }
    fieldsOf(twin)[0]?.focus();
    sum();
    touched();
  }

  /* A row that was never saved goes at once; a saved one is only ticked for deleting and can be kept again. */
  function remove(row, tick) {
    const beside = rows()[rows().indexOf(row) + 1] ?? rows()[rows().indexOf(row) - 1];
    if ("old" in row.dataset) {
      if (tick) row.querySelector(".gone input").checked = !row.querySelector(".gone input").checked;
      mark(row);
    } else {
      if (row.nextElementSibling?.classList.contains("errs")) row.nextElementSibling.remove();
      row.remove();
      if (!sheet && !rows().length) {
        grid.hidden = true;
        box.classList.remove("open");
      }
      (fieldsOf(beside ?? body)[0] ?? box.querySelector("[data-add]")).focus();
    }
    sum();
    touched();
  }

  function move(cell, step, grow) {
    const row = cell.closest("tr");
    const all = rows();
    let target = all[all.indexOf(row) + step];
    if (!target && step > 0 && grow) target = add();
    const field = cellField(target?.querySelector(`[data-cell="${cell.dataset.cell}"]`));
    field?.focus();
    field?.select?.();
  }

  function paste(cell, block) {
    let row = cell.closest("tr");
    const columns = [...row.querySelectorAll("[data-cell]")].map((one) => one.dataset.cell);
    const first = columns.indexOf(cell.dataset.cell);
    for (const [at, line] of block.entries()) {
      if (at) row = rows()[rows().indexOf(row) + 1] ?? add();
      for (const [offset, value] of line.entries()) {
        const target = columns[first + offset] && row.querySelector(`[data-cell="${columns[first + offset]}"]`);
        if (target) setField(target, value.trim());
      }
    }
    sum();
    touched();
  }

  box.addEventListener("paste", (event) => {
    const cell = event.target.closest("[data-cell]");
    const text = event.clipboardData?.getData("text/plain").replace(/\r/g, "").replace(/\n$/, "") ?? "";
    if (!cell || !/[\t\n]/.test(text) || event.target.tagName === "TEXTAREA" && !text.includes("\t")) return;
    event.preventDefault();
    paste(cell, text.split("\n").map((line) => line.split("\t")));
  });

  box.addEventListener("keydown", (event) => {
    const cell = event.target.closest("[data-cell]");
    if (!cell || event.isComposing || event.defaultPrevented || event.altKey) return;
    const row = cell.closest("tr");
    const plain = event.target.matches("input:not([type=date], [type=checkbox], [type=datetime-local])");
    const control = event.ctrlKey || event.metaKey;
    if (control && event.key.toLowerCase() === "d") {
      const above = rows()[rows().indexOf(row) - 1]?.querySelector(`[data-cell="${cell.dataset.cell}"]`);
      const hidden = above?.querySelector("input[type=hidden]");
      if (above) setField(cell, hidden ? hidden.value : cellField(above).value, cellField(above).value);
      sum();
      touched();
    } else if (control && event.key === "Backspace") remove(row, true);
    else if (control) return;
    else if (event.key === "Enter" && event.target.tagName !== "TEXTAREA") move(cell, event.shiftKey ? -1 : 1, true);
    else if (event.key === "ArrowDown" && plain) move(cell, 1, false);
    else if (event.key === "ArrowUp" && plain) move(cell, -1, false);
    else return;
    event.preventDefault();
  });

  box.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-row]");
    if (event.target.closest("[data-add]")) {
      const fresh = add();
      fieldsOf(fresh)[0]?.focus();
    } else if (event.target.closest("[data-copy]")) copy(row);
  });
  box.addEventListener("change", (event) => {
    if (event.target.closest(".gone")) remove(event.target.closest("tr"), false);
    else sum();
  });
  box.addEventListener("input", () => sum());

  /* Rows that were added and never filled are not sent. */
  form.addEventListener("submit", () => {
    for (const row of rows()) {
      if (!row.dataset.untouched) continue;
      const now = JSON.stringify(fieldsOf(row).map((field) => field.type === "checkbox" ? field.checked : field.value));
      for (const field of row.querySelectorAll("input, select, textarea")) field.disabled = now === row.dataset.untouched;
    }
  });

  const totals = form.querySelector("[data-totals]");

  function sum() {
    if (!sheet) return;
    const total = { quantity: 0n, net: 0n, tax: 0n, gross: 0n };
    let known = true;
    for (const row of rows()) {
      const [quantity, price, rate] = Object.entries(numbers).map(([name, places]) => money.read(valueOf(row, name), places));
      const cell = row.querySelector("[data-gross]");
      const empty = !valueOf(row, "quantity").trim() && !valueOf(row, "unit_price").trim();
      const line = quantity === null || price === null || rate === null ? null : money.gross(quantity, price, rate);
      cell.textContent = line ? money.text(line.gross, 2) : "—";
      if (row.classList.contains("going") || empty) continue;
      if (!line) { known = false; continue; }
      total.quantity += quantity;
      for (const name of ["net", "tax", "gross"]) total[name] += line[name];
    }
    if (!totals) return;
    for (const part of totals.querySelectorAll("[data-total]")) {
      const name = part.dataset.total;
      if (!known) part.textContent = "—";
      else if (name === "words") part.textContent = money.inWords(total.gross);
      else part.textContent = money.text(total[name], name === "quantity" ? 0 : 2);
    }
  }

  const button = box.querySelector("[data-add]");
  button.hidden = false;
  for (const row of rows()) dress(row);
  if (sheet && !rows().length) add();
  sum();
}

for (const box of document.querySelectorAll("[data-grid]")) start(box);
