// Parallel sessions change places by dragging or with the arrow keys. Without script, buttons do the same.
(() => {
  "use strict";
  const form = document.querySelector("form[data-reorder-form]");
  if (!form) return;
  const status = document.querySelector("[data-reorder-status]");
  let saving = Promise.resolve();

  const say = (row) => {
    const rows = [...row.parentElement.children];
    const words = { title: row.dataset.title, place: rows.indexOf(row) + 1, count: rows.length };
    status.className = "unseen";
    status.textContent = form.dataset.moved.replace(/\{(\w+)\}/g, (all, name) => words[name] ?? all);
  };

  // The whole order goes with the mark of what was seen; an old page loads again and says why.
  const post = async () => {
    const body = new FormData(form);
    for (const row of document.querySelectorAll("[data-reorder-item]")) body.append("order", row.dataset.reorderItem);
    try {
      const headers = { Accept: "application/json" };
      const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin", headers });
      const isOurs = answer.ok && answer.headers.get("Content-Type")?.includes("json");
      if (isOurs) form.elements.seen.value = (await answer.json()).seen;
      else location.reload();
    } catch {
      status.className = "notice notice--error";
      status.textContent = form.dataset.unsaved;
    }
  };
  const save = (row) => { say(row); saving = saving.then(post); };

  // The neighbour moves, not the row: what is moved in the document loses the focus and the pointer.
  const step = (row, down) => {
    const other = down ? row.nextElementSibling : row.previousElementSibling;
    if (other) row[down ? "before" : "after"](other);
    return Boolean(other);
  };

  for (const handle of document.querySelectorAll("[data-reorder] [data-handle]")) {
    const row = handle.closest("[data-reorder-item]");
    let dragging = false, moved = false;
    handle.hidden = false;
    handle.style.touchAction = "none";
    handle.style.cursor = "grab";
    handle.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      if (step(row, event.key === "ArrowDown")) save(row);
    });
    handle.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      handle.setPointerCapture(event.pointerId);
      dragging = true;
    });
    handle.addEventListener("pointermove", (event) => {
      if (!dragging) return;
      const past = (other, down) => {
        if (!other) return false;
        const { top, height } = other.getBoundingClientRect();
        return down ? event.clientY > top + height / 2 : event.clientY < top + height / 2;
      };
      for (const down of [true, false]) {
        if (past(down ? row.nextElementSibling : row.previousElementSibling, down)) moved = step(row, down);
      }
    });
    handle.addEventListener("lostpointercapture", () => {
      if (moved) save(row);
      dragging = moved = false;
    });
  }
})();
