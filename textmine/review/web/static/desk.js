// Keys and marking by mouse. Every page works without this file.
"use strict";
(() => {
  const KEYS = "textmine-keys";
  const off = () => localStorage.getItem(KEYS) === "off";
  const typing = (at) =>
    at.isContentEditable || /^(textarea|select)$/i.test(at.tagName) ||
    (at.tagName === "INPUT" && !/^(radio|checkbox|button|submit)$/.test(at.type));
  const box = (id) => document.getElementById(id);

  function open(id) {
    const details = box(id);
    details.open = true;
    details.querySelector("input:not([type=hidden]), select, textarea").focus();
    details.scrollIntoView({ block: "nearest" });
  }

  function act(target) {
    if (target.dataset.focus) {
      target.closest("details").open = true;
      box(target.dataset.focus).focus();
    } else if (target.dataset.open) {
      open(target.dataset.open);
    } else if (target.matches("input[type=search]")) {
      target.focus();
    } else {
      target.click();
      if (target.matches("input")) target.focus();
    }
  }

  function along(step) {
    const rows = [...document.querySelectorAll("a.row")];
    if (!rows.length) return false;
    const at = rows.indexOf(document.activeElement);
    rows[Math.max(0, Math.min(rows.length - 1, at + step))].focus();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    const at = document.activeElement || document.body;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const go = at.closest("form[data-keys]")?.querySelector("button.go");
      if (go) go.form.requestSubmit(go);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") {
      const details = at.closest("main details[open]");
      if (at !== document.body) at.blur();
      if (details && details.id === "wrong") details.open = false;
      return;
    }
    if (off() || typing(at)) return;
    if (event.key === "?") {
      location.assign("/help");
      return;
    }
    if ((event.key === "j" && along(1)) || (event.key === "k" && along(-1))) {
      event.preventDefault();
      return;
    }
    // Inside an open form its own keys come first; Enter saves it.
    const form = at.closest("[data-keys]");
    if (form && event.key === "Enter" && at.matches("input[type=radio]")) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button.go"));
      return;
    }
    const name = `[data-key="${CSS.escape(event.key)}"]`;
    const target = (form && form.querySelector(name)) ||
      [...document.querySelectorAll(name)].find((one) => !one.closest("[data-keys]"));
    if (target) {
      event.preventDefault();
      act(target);
    }
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-open]");
    if (button) open(button.dataset.open);
  });

  // --- marking: a selection in the text becomes a choice in the open form
  const points = (text) => [...text].length; // code points, as the store counts

  function place(node, offset) {
    const passage = (node.nodeType === 1 ? node : node.parentElement)?.closest("[data-start]");
    if (!passage) return null;
    const before = document.createRange();
    before.setStart(passage, 0);
    before.setEnd(node, offset);
    return Number(passage.dataset.start) + points(before.toString());
  }

  function marked() {
    const chosen = getSelection();
    if (!chosen || chosen.isCollapsed || !chosen.rangeCount) return;
    const range = chosen.getRangeAt(0);
    const text = box("abstract");
    if (!text || !text.contains(range.commonAncestorContainer)) return;
    const start = place(range.startContainer, range.startOffset);
    const end = place(range.endContainer, range.endOffset);
    const words = chosen.toString().replace(/\s+/g, " ").trim();
    if (start === null || end === null || start >= end || !words) return;
    for (const select of document.querySelectorAll("select[data-span]")) {
      let option = select.querySelector("option[data-marked]");
      if (!option) {
        option = document.createElement("option");
        option.dataset.marked = "1";
        select.insertBefore(option, select.options[1] || null);
      }
      option.value = `${start}-${end}`;
      option.textContent = `marked: ${words.length > 90 ? words.slice(0, 89) + "…" : words}`;
      const details = select.closest("details");
      if (!details || details.open) option.selected = true;
    }
  }
  document.addEventListener("pointerup", () => setTimeout(marked, 0));
  document.addEventListener("keyup", (event) => {
    if (event.shiftKey || event.key === "Shift") marked();
  });

  const toggle = box("keys-on");
  if (toggle) {
    toggle.checked = !off();
    toggle.addEventListener("change", () => {
      localStorage.setItem(KEYS, toggle.checked ? "on" : "off");
    });
  }
})();
