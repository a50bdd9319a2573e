/* Shows one masked value after asking for the reason. Without a script the same link leads to a page that asks. */

const dialog = document.getElementById("unmask");
const form = dialog.querySelector("form");
const title = dialog.querySelector("h2");
const field = form.elements.reason;
const error = dialog.querySelector(".field-error");
const token = document.querySelector('meta[name="csrf-token"]').content;
let link = null;

function refuse(text) {
  error.textContent = text;
  error.hidden = !text;
  if (text) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

document.addEventListener("click", (event) => {
  const asked = event.target.closest?.("a[data-unmask]");
  if (!asked || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  link = asked;
  title.textContent = title.dataset.title.replace("{label}", asked.dataset.unmask);
  field.value = "";
  refuse("");
  dialog.showModal();
  field.focus();
});

/* The value takes the place of its mask, in this page only. */
function show(value) {
  const holder = link.previousElementSibling;
  holder.textContent = value;
  holder.classList.remove("masked");
  holder.tabIndex = -1;
  link.remove();
  dialog.close();
  holder.focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { pathname, searchParams } = new URL(link.href);
  const body = new URLSearchParams({ id: searchParams.get("id"), field: searchParams.get("field"), reason: field.value });
  try {
    const answer = await fetch(pathname, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
    const data = await answer.json().catch(() => ({}));
    if (answer.ok && !answer.redirected) return show(data.value ?? "—");
    if (answer.status === 422) refuse(Object.values(data.errors ?? {}).flat().join(" "));
    else refuse(answer.status === 429 ? dialog.dataset.often : data.message || dialog.dataset.fail);
  } catch {
    refuse(dialog.dataset.fail);
  }
  field.focus();
});
