"use strict";
// Only comfort: the page is whole without it. It reads what is on the page, and puts no words there but its own.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const rows = all(".document details.row");
  const texts = new Map(rows.map((row) => [row, row.querySelector("summary").textContent.toLowerCase()
    + " " + row.closest(".document").querySelector(".name").textContent.toLowerCase()
    + " " + row.closest(".section").querySelector("h4").textContent.toLowerCase()]));
  const form = document.querySelector("form.filters");
  const search = form.querySelector("input[type=search]");
  const level = form.querySelector("select");
  const shown = form.querySelector("output");
  const nothing = document.querySelector(".nothing");
  const announce = document.querySelector(".announce");

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const verdicts = new Set(all("input:checked", form).map((box) => box.value));
    let count = 0;
    for (const row of rows) {
      const fits = (!verdicts.size || verdicts.has(row.dataset.verdict))
        && (!level.value || level.value === row.dataset.level)
        && words.every((word) => texts.get(row).includes(word));
      row.hidden = !fits;
      count += fits;
    }
    for (const room of all(".section, .document"))
      room.hidden = !all("details.row", room).some((row) => !row.hidden);
    nothing.hidden = count > 0;
    shown.textContent = count === rows.length ? `${count} requirements` : `${count} of ${rows.length}`;
  };

  const reset = () => { form.reset(); filter(); };

  const reveal = () => {
    let id = location.hash.slice(1);
    try { id = decodeURIComponent(id); } catch { /* a lone percent sign: taken as it is */ }
    const target = id && document.getElementById(id);
    if (!target) return;
    if (target.closest("[hidden]")) reset();
    const row = target.closest("details.row");
    for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    (row || target).scrollIntoView({ block: "start" });
    (row ? row.querySelector("summary") : target).focus({ preventScroll: true });
  };

  const copy = async (button) => {
    const words = button.closest(".test").querySelector(".replay");
    try {
      await navigator.clipboard.writeText(words.textContent);
    } catch { // a page from a file may not be trusted with the clipboard: select the words, and try the old way
      getSelection().selectAllChildren(words);
      document.execCommand("copy");
    }
    button.textContent = announce.textContent = "copied";
    setTimeout(() => { button.textContent = "copy"; announce.textContent = ""; }, 1500);
  };

  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", reveal);
  document.addEventListener("click", (event) => {
    if (event.target.closest(".copy")) copy(event.target.closest(".copy"));
    else if (event.target.closest("[data-reset]")) reset();
    else if (event.target.closest("a[href^='#']")?.hash === location.hash) reveal(); // no hashchange comes of it
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.closest("input, select, textarea")) { event.preventDefault(); search.focus(); }
    if (event.key === "Escape" && event.target === search) { search.value = ""; filter(); }
  });
  for (const button of all(".copy")) button.hidden = false;
  filter();
  addEventListener("load", reveal); // after the browser's own move to the anchor, which takes the focus away
})();
