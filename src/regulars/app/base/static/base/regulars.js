// What htmx does not do by itself: errors are shown, and the page behind keeps its place. Without it every page still works.
"use strict";
document.addEventListener("htmx:beforeSwap", (event) => {
  const status = event.detail.xhr.status;
  if (status >= 400 && event.detail.xhr.responseText) { event.detail.shouldSwap = true; event.detail.isError = false; }
});
document.addEventListener("htmx:sendError", () => {
  document.getElementById("live").textContent = document.body.dataset.unreachable || "";
});
// Menus that send themselves where there is a script; the button beside them is for those without.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-sends]")) event.target.form.requestSubmit();
});
// A country that is chosen settles its currency and time zone, which can be chosen otherwise after it.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-settles]")) return;
  const [currency, zone] = JSON.parse(event.target.dataset.settles)[event.target.value] || [];
  for (const [name, value] of [["currency", currency], ["timezone", zone]]) {
    const field = event.target.form.elements[name];
    if (value && !field.disabled && [...field.options].some((option) => option.value === value)) field.value = value;
  }
});
for (const button of document.querySelectorAll("[data-without-script]")) button.hidden = true;
for (const part of document.querySelectorAll("[data-with-script]")) part.hidden = false;
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); }
  document.getElementById("live").textContent = button.dataset.done;
});
