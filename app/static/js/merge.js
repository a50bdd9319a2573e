/* Two versions of one record: how many choices are left, and one choice for all of them. */

const form = document.getElementById("record-form");
const status = form.querySelector("[data-left]");
const radios = [...form.querySelectorAll("input[data-side]")];
const names = [...new Set(radios.map((one) => one.name))];

function count() {
  const left = names.filter((name) => !radios.some((one) => one.name === name && one.checked)).length;
  status.textContent = left ? status.dataset.left.replace("{n}", left) : status.dataset.done;
}

for (const button of form.querySelectorAll("[data-take]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const one of radios) one.checked = one.dataset.side === button.dataset.take;
    count();
  });
}
form.addEventListener("change", count);
addEventListener("pageshow", count);
count();
