/* The filter menu: type the name of a column, choose how and what, go. The result is a URL, as ever. */

const panel = document.getElementById("filter");

if (panel) {
  const words = panel.dataset;
  const fields = JSON.parse(words.filters);
  const menu = panel.closest("details");

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  const labelled = (text, control) => make("label", { class: "field span-12" }, make("span", { class: "label" }, text), control);

  /* Step one: which column. */
  function chooseField() {
    const input = make("input", {
      class: "input", type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "filter-options",
      "aria-autocomplete": "list", "aria-label": words.find, placeholder: words.find, autocomplete: "off",
    });
    const list = make("ul", { class: "options", id: "filter-options", role: "listbox", "aria-label": words.find });
    let shown = [];
    let active = 0;

    function mark(index) {
      active = shown.length ? (index + shown.length) % shown.length : -1;
      for (const [at, row] of [...list.children].entries()) row.setAttribute("aria-selected", String(at === active));
      if (active < 0) return input.removeAttribute("aria-activedescendant");
      input.setAttribute("aria-activedescendant", `filter-${active}`);
      list.children[active].scrollIntoView({ block: "nearest" });
    }
    function draw() {
      const text = input.value.trim();
      shown = fields.filter((field) => field.label.includes(text));
      list.replaceChildren(...shown.map((field, at) => {
        const row = make("li", { role: "option", id: `filter-${at}`, "aria-selected": "false" }, field.label);
        row.addEventListener("click", () => chooseValue(field));
        return row;
      }));
      if (!shown.length) list.append(make("li", { class: "state", role: "option", "aria-disabled": "true" }, words.none));
      mark(0);
    }
    input.addEventListener("input", draw);
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "ArrowDown") mark(active + 1);
      else if (event.key === "ArrowUp") mark(active - 1);
      else if (event.key === "Enter" && active >= 0) chooseValue(shown[active]);
      else return;
      event.preventDefault();
    });
    panel.replaceChildren(input, list);
    draw();
    input.focus();
  }

  /* What is typed depends on the column and on how it is compared. */
  function valueControl(field, op) {
    const choices = op === "empty" ? [["1", words.yes], ["0", words.no]] : field.choices;
    if (choices.length && op === "in") {
      const group = make("div", { class: "checks", role: "group", "aria-label": words.value });
      for (const [key, text] of choices) {
        group.append(make("label", { class: "check" }, make("input", { type: "checkbox", value: key }), make("span", {}, text)));
      }
      return group;
    }
    if (choices.length) return make("select", { class: "input" }, ...choices.map(([key, text]) => new Option(text, key)));
    const input = make("input", { class: "input", autocomplete: "off" });
    if (field.kind === "date" || field.kind === "instant") input.type = op === "in" ? "text" : "date";
    if (field.lookup && (op === "eq" || op === "ne")) {
      const url = new URL(words.lookup, location.href.replace(/[?#].*$/, ""));
      url.searchParams.set("name", field.lookup);
      Object.assign(input.dataset, { lookup: url.href, text: "", busy: words.busy, none: words.none, fail: words.fail });
    }
    return input;
  }

  const preferred = (field) => {
    const names = field.ops.map(([op]) => op);
    const wanted = field.choices.length || field.lookup ? ["in", "eq"] : ["contains", "ge", "eq"];
    return (field.choices.length ? wanted : wanted.filter((op) => op !== "in")).find((op) => names.includes(op)) ?? names[0];
  };

  /* Step two: how and what. */
  function chooseValue(field) {
    const how = make("select", { class: "input" }, ...field.ops.map(([op, text]) => new Option(text, op)));
    const slot = make("div", { class: "span-12" });
    const form = make("form", { class: "fields" });
    const back = make("button", { class: "button quiet", type: "button" }, words.back);
    how.value = preferred(field);

    function draw() {
      const control = valueControl(field, how.value);
      slot.replaceChildren(control.matches(".checks") ? control : labelled(words.value, control));
      slot.dispatchEvent(new CustomEvent("house:rows", { bubbles: true }));
    }
    how.addEventListener("change", draw);
    back.addEventListener("click", chooseField);
    form.append(
      make("strong", { class: "span-12" }, field.label),
      labelled(words.how, how),
      slot,
      make("div", { class: "buttons span-12" }, make("button", { class: "button primary" }, words.apply), back),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const checks = [...slot.querySelectorAll("input[type=checkbox]:checked")].map((box) => box.value);
      const single = (slot.querySelector("input[type=hidden]") ?? slot.querySelector("select, input:not([type=checkbox])"))?.value.trim();
      const value = slot.querySelector(".checks") ? checks.join(",") : single;
      if (!value) return slot.querySelector("input, select").focus();
      const url = new URL(location.href);
      for (const name of ["cursor", "page"]) url.searchParams.delete(name);
      url.searchParams.set(`flt_${field.name}_${how.value}`, value);
      location.assign(url);
    });
    panel.replaceChildren(form);
    draw();
    (slot.querySelector("input:not([type=hidden]), select") ?? how).focus();
  }

  menu.addEventListener("toggle", () => { if (menu.open) chooseField(); });
}
