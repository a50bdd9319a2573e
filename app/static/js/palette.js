/* Ctrl K: one line that finds pages, customers, orders. Pages come from the menu, records from the server. */

const dialog = document.getElementById("palette");
const input = document.getElementById("palette-input");
const list = document.getElementById("palette-list");
const menu = [...document.querySelectorAll(".nav-link")].map((link) => ({
  text: link.textContent.trim(),
  url: link.getAttribute("href"),
  icon: link.querySelector("use")?.getAttribute("href"),
}));

let items = [];
let active = -1;
let timer = 0;
let asked = 0;
let composing = false;

const entityOf = (url) => menu.find((page) => page.url === `/admin/${url}/`);

function make(tag, attributes = {}, text = "") {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
}

function picture(href) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", href || `${dialog.dataset.sprite}#search`);
  svg.append(use);
  return svg;
}

function mark(index) {
  active = items.length ? (index + items.length) % items.length : -1;
  for (const [at, item] of items.entries()) item.row.setAttribute("aria-selected", String(at === active));
  if (active < 0) return input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-activedescendant", items[active].row.id);
  items[active].row.scrollIntoView({ block: "nearest" });
}

/* groups: [heading, [{text, url, icon}]] */
function show(groups, empty = "") {
  list.replaceChildren();
  items = [];
  for (const [heading, found] of groups) {
    if (!found.length) continue;
    const group = make("div", { role: "group", "aria-label": heading });
    group.append(make("div", { class: "head", "aria-hidden": "true" }, heading));
    for (const one of found) {
      const row = make("div", { role: "option", id: `palette-${items.length}`, "aria-selected": "false" });
      row.append(picture(one.icon), make("span", {}, one.text));
      const at = items.length;
      row.addEventListener("mousemove", () => { if (active !== at) mark(at); });
      row.addEventListener("click", (event) => open(one.url, event.ctrlKey || event.metaKey));
      items.push({ ...one, row });
      group.append(row);
    }
    list.append(group);
  }
  if (!items.length && empty) list.append(make("p", { role: "status" }, empty));
  mark(0);
}

function open(url, apart) {
  if (apart) window.open(url, "_blank", "noopener");
  else location.assign(url);
}

async function search() {
  const words = input.value.trim();
  const ours = (asked += 1);
  const pages = menu.filter((page) => page.text.includes(words));
  if (!words) return show([[dialog.dataset.go, menu]]);
  try {
    const answer = await fetch(`${dialog.dataset.url}?${new URLSearchParams({ q: words, format: "json" })}`, {
      headers: { Accept: "application/json" },
    });
    if (answer.status === 401) return location.reload();
    if (!answer.ok) throw new Error(answer.status);
    const found = await answer.json();
    if (ours !== asked) return;
    const groups = new Map();
    for (const one of found) {
      const page = entityOf(one.entity);
      const heading = page?.text ?? one.entity;
      if (!groups.has(heading)) groups.set(heading, []);
      groups.get(heading).push({ text: one.text, url: one.url, icon: page?.icon });
    }
    show([...groups, [dialog.dataset.go, pages]], dialog.dataset.none);
  } catch {
    if (ours === asked) show([[dialog.dataset.go, pages]], dialog.dataset.fail);
  }
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(search, 150);
}

function start() {
  if (dialog.open) return;
  dialog.showModal();
  input.select();
  search();
}

input.addEventListener("compositionstart", () => { composing = true; });
input.addEventListener("compositionend", () => { composing = false; later(); });
input.addEventListener("input", () => { if (!composing) later(); });
input.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "ArrowDown") mark(active + 1);
  else if (event.key === "ArrowUp") mark(active - 1);
  else if (event.key === "Enter" && active >= 0) open(items[active].url, event.ctrlKey || event.metaKey);
  else return;
  event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    start();
  }
});
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-palette-open]");
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  start();
}, true);
