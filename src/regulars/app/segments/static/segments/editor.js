// Keeps text and builder in step: the text is the form's field and the truth; the builder is drawn from the tree that the
// preview answers with, and its own changes become text again.
"use strict";
{
  const form = document.getElementById("editor"), field = document.getElementById("id_rule");
  const box = document.getElementById("builder"), tidy = document.getElementById("tidy");
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const data = JSON.parse(document.getElementById("drawn-from").textContent);
  const text = new RuleText(field, token);
  let mine = "", ahead = false;

  const follow = later(async () => {
    if (!builder.tree) { mine = ""; text.set(""); ahead = false; return; }
    const body = new URLSearchParams({ tree: JSON.stringify(builder.tree) });
    const answer = await fetch(box.dataset.convert, { method: "POST", headers: { "X-CSRFToken": token }, body });
    if (!answer.ok) return;
    const said = await answer.json();
    box.querySelector(":scope > .notice")?.remove();
    if (said.wrong) {
      const notice = element("div", { class: "notice error", role: "alert", dir: "auto" }, `${said.wrong.message} ${said.wrong.hint}`);
      box.prepend(notice);
    } else { mine = said.text; text.set(said.text); ahead = false; }
  }, 60);
  const builder = new Builder(box, data, () => { ahead = true; follow(); });
  field.addEventListener("input", () => { ahead = false; });

  // An answer that comes after the text or the builder has gone on is of no use: drawing it would undo what was chosen.
  const answer = (where) => {
    const found = document.querySelector(where);
    return found && found.dataset.rule.replace(/\r\n/g, "\n") === field.value ? found : null;
  };
  const drawn = () => {
    const wrong = answer("#preview [data-position]"), tree = answer("#tree");
    text.mark(wrong ? Number(wrong.dataset.position) : -1, wrong ? Number(wrong.dataset.length) : 0);
    tidy.hidden = !tree || tree.dataset.canonical === field.value;
    if (ahead) return;
    if (tree && tree.dataset.canonical !== mine) { mine = tree.dataset.canonical; builder.show(JSON.parse(tree.textContent)); }
    if (!tree && !wrong && !field.value.trim()) { mine = ""; builder.show(null); }
  };
  tidy.addEventListener("click", () => { text.set(document.getElementById("tree").dataset.canonical); field.focus(); });
  document.getElementById("preview").addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "preview") drawn(); });
  document.getElementById("builder-box").hidden = false;
  builder.show(null);
  drawn();
  // The page came with its answer; a browser may have put another text back since.
  if (field.value.trim() && !answer("#preview [data-position]") && !answer("#tree")) addEventListener("load", () => htmx.trigger(field, "look"));
}
