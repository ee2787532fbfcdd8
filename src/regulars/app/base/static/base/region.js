// Choosing a region of a picture: by drawing over its parts with mouse or finger, or with arrow keys and Shift.
// A part is whatever has data-part; it holds a checkbox, or names one by data-for. Without this each is a checkbox.
"use strict";
for (const region of document.querySelectorAll("[data-region]")) {
  const parts = [...region.querySelectorAll("[data-part]")];
  const box = (part) => part.dataset.for ? document.getElementById(part.dataset.for) : part.querySelector("input");
  const show = () => { for (const part of parts) part.classList.toggle("chosen", box(part).checked); };
  const middle = (part) => { const at = part.getBoundingClientRect(); return [at.x + at.width / 2, at.y + at.height / 2]; };
  const choose = (chosen) => {
    for (const part of parts) box(part).checked = chosen.has(part);
    show();
  };
  const said = () => region.dispatchEvent(new Event("change", { bubbles: true }));
  let from = null, drawn = null, moved = false;

  const covered = (x, y) => {
    const [left, right] = [Math.min(from.x, x), Math.max(from.x, x)], [top, bottom] = [Math.min(from.y, y), Math.max(from.y, y)];
    const inside = (part) => {
      const at = part.getBoundingClientRect();
      if (part.dataset.for) { const [a, b] = middle(part); return a >= left && a <= right && b >= top && b <= bottom; }
      return at.right > left && at.left < right && at.bottom > top && at.top < bottom;
    };
    return new Set([...from.kept, ...parts.filter(inside)]);
  };
  region.addEventListener("pointerdown", (event) => {
    if (event.button || !event.isPrimary) return;
    const kept = event.shiftKey || event.ctrlKey || event.metaKey ? parts.filter((part) => box(part).checked) : [];
    from = { x: event.clientX, y: event.clientY, kept };
    moved = false;
  });
  region.addEventListener("pointermove", (event) => {
    if (!from || (!moved && Math.hypot(event.clientX - from.x, event.clientY - from.y) < 8)) return;
    if (!moved) region.setPointerCapture(event.pointerId);
    moved = true;
    frame(event.clientX, event.clientY);
    choose(covered(event.clientX, event.clientY));
  });
  const end = () => {
    if (from && moved) said();
    from = null;
    if (drawn) { drawn.remove(); drawn = null; }
  };
  region.addEventListener("pointerup", end);
  region.addEventListener("pointercancel", end);
  // What was drawn is chosen already: the click that follows would undo the part it ends on.
  region.addEventListener("click", (event) => {
    if (moved) { event.preventDefault(); event.stopPropagation(); moved = false; return; }
    const part = event.target.closest("[data-for]");
    if (part) { box(part).checked = !box(part).checked; show(); said(); }
  }, true);
  region.addEventListener("change", show);
  document.addEventListener("change", (event) => { if (parts.some((part) => box(part) === event.target)) show(); });

  function frame(x, y) {
    drawn = drawn || document.body.appendChild(Object.assign(document.createElement("div"), { className: "region-drawn" }));
    Object.assign(drawn.style, { left: `${Math.min(from.x, x)}px`, top: `${Math.min(from.y, y)}px`, width: `${Math.abs(x - from.x)}px`, height: `${Math.abs(y - from.y)}px` });
  }

  const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  region.addEventListener("keydown", (event) => {
    const way = keys[event.key], here = parts.find((part) => box(part) === event.target);
    if (!way || !here) return;
    event.preventDefault();
    const [x, y] = middle(here);
    const far = (part) => { const [a, b] = middle(part); return [(a - x) * way[0] + (b - y) * way[1], Math.abs((a - x) * way[1]) + Math.abs((b - y) * way[0])]; };
    const next = parts.map((part) => [part, far(part)]).filter(([, [along, aside]]) => along > 1 && aside < along)
      .sort(([, a], [, b]) => a[0] + 2 * a[1] - b[0] - 2 * b[1])[0];
    if (!next) return;
    box(next[0]).focus();
    if (event.shiftKey) { box(here).checked = true; box(next[0]).checked = true; show(); said(); }
  });
  show();
}
