// The visual builder: draws a rule's tree as nested conditions and gives the changed tree back. What kinds of nodes there
// are, what each is made of and what it is called comes from the page (`drawn-from`): nothing of the language is written here.
"use strict";

class Builder {
  constructor(box, data, changed) {
    this.box = box;
    this.data = data;
    this.changed = changed;
    this.kinds = Object.fromEntries(data.kinds.map((kind) => [kind.kind, kind]));
    this.facts = Object.fromEntries(data.facts.map((fact) => [fact.name, fact]));
    this.attributes = Object.fromEntries(data.attributes.map((each) => [each.name, each]));
    this.count = 0;
  }

  show(tree) { this.tree = tree; this.draw(); }

  // Drawing again keeps the keyboard where it was: every control has the path to its place in the tree as its key.
  draw(focus) {
    const key = focus || (document.activeElement && this.box.contains(document.activeElement) ? document.activeElement.dataset.key : null);
    this.box.replaceChildren(this.tree ? this.condition(this.tree, null, "root", (node) => { this.tree = node; }) : this.adder([], null, "root", (node) => { this.tree = node; }));
    if (key) this.box.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
  }

  tell(focus) { this.draw(focus); this.changed(this.tree); }

  // Conditions

  condition(node, fact, path, put) {
    const joined = node.kind === "and" || node.kind === "or";
    const box = element("div", { class: joined ? "node joined" : "node", role: "group", "aria-label": this.data.texts.condition });
    const line = element("div", { class: "line" });
    line.append(this.kindOf(node, fact, path, put));
    box.append(line);
    if (joined) box.append(this.items(node, fact, path));
    else if (node.kind === "not") box.append(this.condition(node.item, fact, `${path}.item`, (item) => { node.item = item || this.fresh("compare", fact); }));
    else this.parts(node, fact, path, line, box);
    line.append(this.ends(node, fact, path, put));
    return box;
  }

  items(node, fact, path) {
    const list = element("ol");
    node.items.forEach((item, index) => {
      const place = element("li");
      if (index) place.append(element("span", { class: "between-words" }, this.data.texts[node.kind] || node.kind));
      place.append(this.condition(item, fact, `${path}.${index}`, (changed) => {
        if (changed) node.items[index] = changed; else node.items.splice(index, 1);
      }));
      list.append(place);
    });
    const last = element("li");
    last.append(this.adder(node.items, fact, path));
    list.append(last);
    return list;
  }

  adder(items, fact, path, put) {
    const button = this.button(this.data.texts.add, `${path}.add`, () => {
      const node = this.fresh("compare", fact);
      if (put) put(node); else items.push(node);
      this.tell(put ? `${path}.kind` : `${path}.${items.length - 1}.kind`);
    });
    return button;
  }

  kindOf(node, fact, path, put) {
    const kinds = this.data.kinds.filter((kind) => kind.category === "condition" && (!fact || kind.of_rows));
    return this.select(`${path}.kind`, this.data.texts.kind, kinds.map((kind) => [kind.kind, kind.label]), node.kind, (kind) => {
      put(this.turned(node, kind, fact));
    });
  }

  // What can be kept is kept: the value of a comparison, the rows of a count, the conditions of brackets.
  turned(node, kind, fact) {
    const fresh = this.fresh(kind, fact);
    for (const part of this.kinds[kind].parts) {
      const same = this.kinds[node.kind].parts.find((other) => other.name === part.name && other.holds === part.holds && other.many === part.many);
      if (same && node[part.name] !== undefined) fresh[part.name] = node[part.name];
    }
    if (kind === "and" || kind === "or") fresh.items = node.items || [node, this.fresh("compare", fact)];
    if (kind === "not") fresh.item = node.kind === "and" || node.kind === "or" || node.kind !== "not" ? node : fresh.item;
    return fresh;
  }

  ends(node, fact, path, put) {
    const ends = element("span", { class: "end-of-line" });
    if (node.kind !== "and" && node.kind !== "or") {
      ends.append(this.button(this.data.texts.group, `${path}.group`, () => { put({ kind: "and", items: [node, this.fresh("compare", fact)] }); this.tell(`${path}.1.kind`); }, "quiet small"));
    }
    ends.append(this.button(this.data.texts.remove, `${path}.remove`, () => {
      put(null);
      this.tidy();
      announce(this.data.texts.removed);
      this.tell();
      this.box.querySelector("select, button")?.focus();
    }, "quiet small"));
    return ends;
  }

  // Brackets around one condition are no brackets, around none no condition.
  tidy() {
    const tidied = (node) => {
      if (!node || typeof node !== "object") return node;
      if (node.kind === "not") { node.item = tidied(node.item); return node.item ? node : null; }
      if (node.kind !== "and" && node.kind !== "or") return node;
      node.items = node.items.map(tidied).filter(Boolean);
      return node.items.length > 1 ? node : node.items[0] || null;
    };
    this.tree = tidied(this.tree);
  }

  // Parts of a node

  parts(node, fact, path, line, box) {
    for (const part of this.kinds[node.kind].parts) {
      const drawn = this.part(node, part, fact, `${path}.${part.name}`, box);
      if (drawn) line.append(drawn);
    }
  }

  part(node, part, fact, path, box) {
    const label = this.data.parts[part.name] || part.name;
    const put = (value) => { if (value === null || value === "") delete node[part.name]; else node[part.name] = value; };
    if (part.many) return this.many(node, part, fact, path, label);
    if (part.choices.length) return this.select(path, label, part.choices.map((each) => [each, this.data.choices[each] || each]), node[part.name] ?? part.choices[0], put);
    switch (part.holds) {
      case "condition": return this.whereOf(node, part, path, box);
      case "value": return this.value(node[part.name], fact, path, put);
      case "attribute": return node.kind === "attribute" ? this.nameOf(node, fact, path) : this.value(node[part.name], fact, path, put, true);
      case "selection": return this.selection(node[part.name], path, box, this.needsColumn(node), label);
      case "window": return this.window(node, part, path);
      case "duration": return this.duration(node[part.name], path, label);
      case "moment": return this.moment(node[part.name], path, label);
      case "place": return node.kind === "place" ? this.text(path, label, node.name, put, ["city", ""]) : this.placeOf(node, path);
      case "literal": return this.literal(node, part.name, fact, path, label);
      case "number": return this.number(path, label, node[part.name], put);
      case "yes/no": return this.check(path, label, node[part.name], put);
      case "segment": return this.select(path, label, this.data.segments.map((each) => [each, each]), node[part.name], put);
      default: return this.text(path, label, node[part.name] || "", (text) => { node[part.name] = text; });
    }
  }

  value(node, fact, path, put, onlyAttributes) {
    const box = element("span", { class: "inline" });
    const kinds = this.data.kinds.filter((kind) => kind.category === "value" && (!fact || kind.of_rows) && (!onlyAttributes || kind.kind === "attribute"));
    if (kinds.length > 1) box.append(this.select(`${path}.kind`, this.data.parts.value, kinds.map((kind) => [kind.kind, kind.label]), node.kind, (kind) => put(this.fresh(kind, fact))));
    if (node.kind === "attribute") box.append(this.nameOf(node, fact, path));
    else this.parts(node, fact, path, box, box);
    return box;
  }

  nameOf(node, fact, path) {
    const known = fact ? this.facts[fact].columns : this.data.attributes;
    return this.select(`${path}.name`, this.data.parts.name, known.map((each) => [each.name, each.label]), node.name, (name) => { node.name = name; });
  }

  needsColumn(node) { return node.kind === "aggregate" && this.data.functions[node.function].column; }

  // Numbers suit every function.
  columnOf(fact) {
    const columns = this.facts[fact]?.columns || [];
    return (columns.find((each) => this.plain(each.type) === "number") || columns[0])?.name;
  }

  selection(node, path, box, column, label) {
    const line = element("span", { class: "inline" });
    line.append(this.select(`${path}.fact`, label, this.data.facts.map((fact) => [fact.name, fact.label]), node.fact, (fact) => {
      for (const name of ["column", "where"]) delete node[name];
      node.fact = fact;
      if (column) node.column = this.columnOf(fact);
    }));
    if (column) {
      const columns = this.facts[node.fact]?.columns || [];
      node.column ??= this.columnOf(node.fact);
      line.append(this.select(`${path}.column`, this.data.parts.column, columns.map((each) => [each.name, each.label]), node.column, (name) => { node.column = name; }));
    } else delete node.column;
    line.append(this.window(node, { name: "window", optional: true }, `${path}.window`));
    line.append(this.check(`${path}.has`, this.data.parts.where, Boolean(node.where), (yes) => { if (yes) node.where = this.fresh("compare", node.fact); else delete node.where; }));
    if (node.where) {
      const sub = element("div", { class: "sub" });
      sub.append(this.condition(node.where, node.fact, `${path}.where`, (where) => { if (where) node.where = where; else delete node.where; }));
      line.append(sub);
    }
    return line;
  }

  whereOf() { return null; }

  window(node, part, path) {
    const box = element("span", { class: "inline" }), kinds = this.data.kinds.filter((kind) => kind.category === "window").map((kind) => [kind.kind, kind.label]);
    const now = node[part.name];
    box.append(this.select(`${path}.kind`, this.data.parts.window, part.optional ? [["", this.data.texts.always], ...kinds] : kinds, now?.kind || "", (kind) => {
      if (kind) node[part.name] = this.turned(now || { kind: "everyone" }, kind, null); else delete node[part.name];
    }));
    if (now) {
      if (now.nearest && now.farthest) now.nearest.unit = now.farthest.unit;
      this.parts(now, null, path, box, box);
    }
    return box;
  }

  duration(node, path, label) {
    const box = element("span", { class: "inline" });
    box.append(this.number(`${path}.amount`, label, node.amount ?? 1, (amount) => { node.amount = amount; }));
    const units = this.kinds.duration.parts.find((part) => part.name === "unit").choices;
    box.append(this.select(`${path}.unit`, this.data.parts.unit, units.map((unit) => [unit, this.data.choices[unit]]), node.unit || "day", (unit) => { node.unit = unit; }));
    return box;
  }

  moment(node, path, label) {
    const box = element("span", { class: "inline" }), words = this.kinds.moment.parts.find((part) => part.name === "word").choices;
    const names = { day: this.data.texts["a day"] };
    box.append(this.select(`${path}.word`, label, words.map((word) => [word, names[word] || this.data.choices[word] || word]), node.word || "now", (word) => {
      node.word = word;
      if (word === "day") node.at = today(); else if (word === "instant") node.at = `${today()}T12:00`; else delete node.at;
    }));
    if (node.at !== undefined) box.append(this.input(`${path}.at`, label, node.word === "day" ? "date" : "datetime-local", node.at, (at) => { if (at) node.at = at; }));
    return box;
  }

  placeOf(node, path) {
    const box = element("span", { class: "inline" }), kinds = this.data.kinds.filter((kind) => kind.category === "place");
    box.append(this.select(`${path}.kind`, this.data.parts.place, kinds.map((kind) => [kind.kind, kind.label]), node.place.kind, (kind) => { node.place = this.fresh(kind, null); }));
    this.parts(node.place, null, path, box, box);
    return box;
  }

  many(node, part, fact, path, label) {
    const box = element("span", { class: "inline" });
    node[part.name].forEach((_, index) => {
      box.append(this.literal(node, part.name, fact, `${path}.${index}`, label, index));
      if (node[part.name].length > 1) box.append(this.button("×", `${path}.${index}.remove`, () => { node[part.name].splice(index, 1); this.tell(); }, "quiet small", this.data.texts.remove));
    });
    box.append(this.button(this.data.texts.another, `${path}.add`, () => { node[part.name].push(this.blank(node.value, fact)); this.tell(`${path}.${node[part.name].length - 1}`); }, "quiet small"));
    return box;
  }

  literal(node, name, fact, path, label, index) {
    const at = index === undefined ? node[name] : node[name][index];
    const put = (value) => { if (index === undefined) node[name] = value; else node[name][index] = value; };
    const type = this.typeOf(node.value, fact);
    if (type === "yes/no") return this.select(path, label, [["true", this.data.texts.yes], ["false", this.data.texts.no]], String(at === true), (value) => put(value === "true"));
    if (type === "moment" || type === "date") {
      const moment = at && at.kind === "moment" ? at : { kind: "moment", word: "day", at: today() };
      if (moment !== at) put(moment);
      return this.moment(moment, path, label);
    }
    if (type === "number") return this.number(path, label, typeof at === "object" ? at?.value : at, put);
    const source = node.value.kind === "attribute" ? [node.value.name, fact || ""] : [node.value.selection?.column || "", node.value.selection?.fact || ""];
    return this.text(path, label, typeof at === "string" ? at : "", put, source);
  }

  typeOf(value, fact) {
    const known = value.kind === "attribute" ? (fact ? this.facts[fact]?.columns.find((each) => each.name === value.name) : this.attributes[value.name])
      : this.facts[value.selection.fact]?.columns.find((each) => each.name === value.selection.column);
    const gives = value.kind === "aggregate" ? this.data.functions[value.function].gives : "column";
    return this.plain(gives === "column" ? known?.type || "text" : gives);
  }

  plain(type) { return { "whole number": "number", "exact number": "number", money: "number", "list of text": "text" }[type] || type; }

  // New nodes, as plain as can be

  fresh(kind, fact) {
    const node = { kind };
    for (const part of this.kinds[kind].parts) {
      if (part.optional && part.name !== "amount" && part.name !== "unit" && part.name !== "word" && kind !== "period") continue;
      node[part.name] = part.many ? (part.holds === "condition" ? [this.fresh("compare", fact), this.fresh("compare", fact)] : [""]) : this.freshPart(kind, part, fact);
    }
    if (kind === "compare" && !fact) { node.operator = ">="; node.literal = 1; }
    if (kind === "between") { node.low = this.blank(node.value, fact); node.high = node.low; }
    if (kind === "in_list") node.items = [this.blank(node.value, fact)];
    if (kind === "flag" || kind === "anniversary") node.value.name = this.firstOf(fact, kind === "flag" ? ["yes/no"] : ["date", "moment"]);
    if (kind === "text_test") node.value = { kind: "attribute", name: this.firstOf(fact, ["text"]) };
    if (kind === "in_window" && fact) node.value = { kind: "attribute", name: "at" };
    if (kind === "in_window" && !fact) node.value = { kind: "attribute", name: this.firstOf(fact, ["moment"]) };
    if (kind === "compare" && fact) { node.operator = "="; node.literal = this.blank(node.value, fact); }
    return node;
  }

  freshPart(kind, part, fact) {
    if (part.choices.length) return part.choices[0];
    switch (part.holds) {
      case "value": return fact ? { kind: "attribute", name: this.firstOf(fact, ["text"]) } : this.fresh("aggregate", null);
      case "attribute": return kind === "attribute" ? this.firstOf(fact, ["text"]) : { kind: "attribute", name: this.firstOf(fact, ["text"]) };
      case "selection": return { kind: "selection", fact: this.data.facts[0].name };
      case "window": return this.fresh("in_last", null);
      case "duration": return { kind: "duration", amount: 30, unit: "day" };
      case "moment": return { kind: "moment", word: "day", at: today() };
      case "place": return kind === "place" ? "" : this.fresh("place", null);
      case "condition": return this.fresh("compare", fact);
      case "number": return { percent: 10, distance: 10, least: 3, periods: 6 }[part.name] ?? 0;
      case "segment": return this.data.segments[0] || "";
      case "yes/no": return false;
      default: return "";
    }
  }

  blank(value, fact) {
    const type = this.typeOf(value, fact);
    return type === "number" ? 1 : type === "yes/no" ? true : type === "moment" || type === "date" ? { kind: "moment", word: "day", at: today() } : "";
  }

  firstOf(fact, types) {
    const known = fact ? this.facts[fact].columns : this.data.attributes;
    return (known.find((each) => types.includes(each.type)) || known[0]).name;
  }

  // Controls

  select(key, label, options, value, put) {
    const control = element("select", { "data-key": key, "aria-label": label, dir: "auto" });
    if (value && !options.some(([each]) => each === value)) options = [[value, value], ...options];
    for (const [each, text] of options) control.append(new Option(text, each, false, each === value));
    control.addEventListener("change", () => { put(control.value); this.tell(key); });
    return control;
  }

  input(key, label, type, value, put) {
    const control = element("input", { type, "data-key": key, "aria-label": label, value: value ?? "", dir: type === "text" ? "auto" : "ltr" });
    control.addEventListener("change", () => { put(control.value); this.changed(this.tree); });
    return control;
  }

  number(key, label, value, put) {
    const control = this.input(key, label, "number", value, (text) => { if (text !== "") put(Number(text)); });
    control.step = "any";
    return control;
  }

  text(key, label, value, put, source) {
    const control = this.input(key, label, "text", value, put);
    if (source && source[0]) this.suggest(control, source);
    return control;
  }

  suggest(control, [name, fact]) {
    const list = element("datalist", { id: `values-${++this.count}` });
    control.setAttribute("list", list.id);
    control.setAttribute("autocomplete", "off");
    const fill = async () => {
      const asked = new URLSearchParams({ name, fact, q: control.value });
      const answer = await fetch(`${this.box.dataset.values}?${asked}`);
      if (answer.ok) list.replaceChildren(...(await answer.json()).values.map((value) => new Option(value, value)));
    };
    control.addEventListener("focus", fill, { once: true });
    control.addEventListener("input", later(fill, 200));
    control.after(list);
    queueMicrotask(() => control.after(list));
  }

  check(key, label, value, put) {
    const named = element("label", { class: "named" }), control = element("input", { type: "checkbox", "data-key": key });
    control.checked = Boolean(value);
    control.addEventListener("change", () => { put(control.checked || null); this.tell(key); });
    named.append(control, element("span", {}, label));
    return named;
  }

  button(text, key, act, look = "quiet small", label) {
    const control = element("button", { type: "button", class: look, "data-key": key });
    if (label) control.setAttribute("aria-label", label);
    control.textContent = text;
    control.addEventListener("click", act);
    return control;
  }
}

function element(name, attributes = {}, text = "") {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}
function today() { return new Date().toISOString().slice(0, 10); }
function announce(text) { document.getElementById("live").textContent = text; }
function later(act, wait) { let timer; return () => { clearTimeout(timer); timer = setTimeout(act, wait); }; }
