// The rule as text: what may come next in a list below it (arrow keys, Enter or Tab takes it, Escape leaves it),
// and a line under the word that is wrong.
"use strict";

class RuleText {
  constructor(field, token) {
    this.field = field;
    this.token = token;
    this.shadow = field.parentElement.querySelector(".rule-shadow");
    this.list = element("ul", { id: "completions", class: "completions code", role: "listbox", "aria-label": field.dataset.completions, hidden: "" });
    field.after(this.list);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", "completions"], ["aria-haspopup", "listbox"]]) field.setAttribute(name, value);
    field.addEventListener("input", (event) => { this.mark(-1, 0); if (event.isTrusted) this.ask(); });
    field.addEventListener("keydown", (event) => this.key(event));
    field.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    field.addEventListener("scroll", () => { this.shadow.scrollTop = field.scrollTop; });
    this.ask = later(() => this.look(), 80);
  }

  async look() {
    const text = this.field.value.slice(0, this.field.selectionStart), asked = (this.asked = Symbol("asked"));
    const answer = await fetch(this.field.dataset.complete, { method: "POST", headers: { "X-CSRFToken": this.token }, body: new URLSearchParams({ text }) });
    if (!answer.ok || asked !== this.asked || document.activeElement !== this.field) return;
    this.offer((await answer.json()).completions);
  }

  offer(found) {
    this.found = found;
    this.list.replaceChildren(...found.map((each, index) => {
      const item = element("li", { role: "option", id: `completion-${index}`, "aria-selected": "false" });
      item.append(element("span", {}, each.text), element("span", { class: "kind small" }, each.note || ""));
      item.addEventListener("mousedown", (event) => { event.preventDefault(); this.take(index); });
      return item;
    }));
    this.list.hidden = !found.length;
    this.field.setAttribute("aria-expanded", String(Boolean(found.length)));
    this.choose(-1);
  }

  choose(index) {
    this.chosen = index;
    [...this.list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
    if (index < 0) this.field.removeAttribute("aria-activedescendant");
    else { this.field.setAttribute("aria-activedescendant", `completion-${index}`); this.list.children[index].scrollIntoView({ block: "nearest" }); }
  }

  key(event) {
    if (event.key === " " && event.ctrlKey) { event.preventDefault(); this.look(); return; }
    if (this.list.hidden) return;
    const last = this.list.children.length - 1;
    if (event.key === "ArrowDown") this.choose(this.chosen >= last ? 0 : this.chosen + 1);
    else if (event.key === "ArrowUp") this.choose(this.chosen <= 0 ? last : this.chosen - 1);
    else if ((event.key === "Enter" || event.key === "Tab") && this.chosen >= 0) this.take(this.chosen);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
  }

  take(index) {
    const { text, replaces } = this.found[index], end = this.field.selectionStart;
    const spaced = text.endsWith("(") ? text : `${text} `;
    this.field.setRangeText(spaced, end - replaces, end, "end");
    this.close();
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
    this.look();
  }

  close() { this.list.hidden = true; this.field.setAttribute("aria-expanded", "false"); this.choose(-1); }

  set(text) { if (this.field.value !== text) { this.field.value = text; this.field.dispatchEvent(new Event("input", { bubbles: true })); } }

  mark(position, length) {
    const text = this.field.value;
    this.field.setAttribute("aria-invalid", String(position >= 0));
    if (position < 0 || position >= text.length) { this.shadow.replaceChildren(); return; }
    const word = element("mark", {}, text.slice(position, position + Math.max(length, 1)));
    this.shadow.replaceChildren(text.slice(0, position), word, text.slice(position + Math.max(length, 1)));
  }
}
