// Small enhancements; every page works without them.
(() => {
  "use strict";
  const all = (selector, root = document) => root.querySelectorAll(selector);
  const clock = () => {
    const french = document.documentElement.lang === "fr";
    return new Date().toLocaleTimeString(french ? "fr-CA" : "en-CA", { hour: "numeric", minute: "2-digit" });
  };

  // The error summary is read first.
  document.querySelector("[data-focus]")?.focus();

  // Dialogs: a link to #id opens the native dialog; without script the same link shows it in place.
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("a[data-dialog]");
    if (opener) {
      const dialog = document.getElementById(opener.hash.slice(1));
      if (dialog?.showModal) { event.preventDefault(); dialog.showModal(); }
    }
    const closer = event.target.closest("[data-close]");
    const open = closer?.closest("dialog[open]");
    if (open) { event.preventDefault(); open.close(); }
    if (event.target.closest("[data-print]")) window.print();
    // A menu closes when one turns to something else.
    all("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.activeElement?.closest("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  // "You have not saved": forms with data-guard or data-autosave.
  const changed = new WeakSet();
  const watched = all("form[data-guard], form[data-autosave]");
  watched.forEach((form) => {
    form.addEventListener("input", () => changed.add(form));
    form.addEventListener("submit", () => changed.delete(form));
  });
  if (watched.length) {
    window.addEventListener("beforeunload", (event) => {
      if ([...watched].some((form) => form.isConnected && changed.has(form))) event.preventDefault();
    });
  }

  // Drafts: data-autosave holds the address (or nothing: the form's own); data-saved and data-unsaved the words, with %s for the time.
  const save = async (form) => {
    if (!changed.has(form)) return;
    changed.delete(form);
    const status = form.querySelector("[data-autosave-status]");
    try {
      const answer = await fetch(form.dataset.autosave || form.action || location.href, {
        method: "POST", body: new FormData(form), credentials: "same-origin",
        headers: { "X-Autosave": "1", Accept: "application/json" },
      });
      // Whoever was signed out meanwhile is led to the sign-in page, which is no answer to a draft.
      if (!answer.ok || !answer.headers.get("Content-Type")?.includes("json")) throw new Error(String(answer.status));
      const json = await answer.json();
      if (json.version && form.elements.version) form.elements.version.value = json.version;
      if (json.saved === false) throw new Error("kept in part");
      if (status) status.textContent = (form.dataset.saved || "%s").replace("%s", clock());
    } catch {
      changed.add(form);
      if (status) status.textContent = form.dataset.unsaved || "";
    }
  };
  const underWay = new WeakMap();
  const keep = (form) => {
    const saving = save(form).finally(() => underWay.delete(form));
    underWay.set(form, saving);
  };
  all("form[data-autosave]").forEach((form) => {
    setInterval(keep, 20000, form);
    // Whoever presses a button while the draft saves itself must not meet their own text as somebody else's.
    form.addEventListener("submit", (event) => {
      const saving = underWay.get(form);
      if (!saving) return;
      event.preventDefault();
      saving.finally(() => form.requestSubmit(event.submitter));
    });
  });

  // A second click on the same button within two seconds is a slip, not a second wish.
  const sent = new WeakMap();
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post" || event.defaultPrevented) return;
    const now = Date.now();
    if (now - (sent.get(event.target) || 0) < 2000) event.preventDefault();
    else sent.set(event.target, now);
  });

  // Copying an address, where the browser allows it.
  all("[data-copy]").forEach((button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      const status = document.getElementById(button.getAttribute("aria-describedby"));
      if (status) status.textContent = button.dataset.copied || "";
    });
  });
  all("[data-print]").forEach((button) => { button.hidden = false; });
})();
