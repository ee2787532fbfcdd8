// The preview follows what is typed; a field goes where the caret was. Without a script the editor saves and shows what is saved.
"use strict";
(() => {
  let last = null, waiting = 0, typed = "", width = "desk", unsaved = false;
  const form = () => document.getElementById("writing");
  const frame = () => document.querySelector("[data-preview]");
  const show = () => {
    const address = new URL(frame().dataset.preview, location.href);
    address.searchParams.set("language", form().elements.language.value);
    address.searchParams.set("customer", document.querySelector("[data-customer]").value);
    if (typed) address.searchParams.set("typed", typed);
    if (width === "text") address.searchParams.set("as", "text");
    frame().classList.toggle("phone", width === "phone");
    // Replaced, so that Back leads out of the editor and not through what was previewed.
    frame().contentWindow.location.replace(address.href);
  };
  const keep = async () => {
    const data = new FormData(form());
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    const answer = await fetch(form().dataset.typed, { method: "POST", body: data });
    if (!answer.ok) return;
    typed = (await answer.json()).typed;
    show();
  };
  document.addEventListener("input", (event) => {
    if (!event.target.closest("#writing") || event.target.matches("[data-inserts], [data-customer], #test-to")) return;
    unsaved = true;
    if (event.target.matches("[type=file]")) return;
    clearTimeout(waiting);
    waiting = setTimeout(keep, 400);
  });
  document.addEventListener("focusin", (event) => { if (event.target.matches("[data-takes]")) last = event.target; });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-customer]")) show();
    if (!event.target.matches("[data-inserts]") || !event.target.value) return;
    const into = last && last.isConnected ? last : document.querySelector("textarea[data-takes]") || document.getElementById("subject");
    into.setRangeText(event.target.value, into.selectionStart, into.selectionEnd, "end");
    into.focus();
    into.dispatchEvent(new Event("input", { bubbles: true }));
    event.target.value = "";
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-width]");
    if (!button) return;
    width = button.dataset.width;
    for (const each of document.querySelectorAll("[data-width]")) each.setAttribute("aria-pressed", String(each === button));
    show();
  });
  // An answer that is no editor (signed out meanwhile, a failure) or refuses does not take the place of what was typed.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "editor") return;
    const answer = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    const wrong = answer.getElementById("wrong"), said = document.getElementById("not-saved");
    if (answer.getElementById("editor") && !wrong) return;
    event.detail.shouldSwap = false;
    if (wrong) said.textContent = wrong.textContent;
    said.hidden = false;
    said.scrollIntoView({ block: "center" });
  });
  addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
  document.addEventListener("htmx:afterSwap", () => { unsaved = false; typed = ""; last = null; width = "desk"; });
})();
