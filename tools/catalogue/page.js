"use strict";
(() => {
  const DAY = 86_400_000;
  const access = document.getElementById("access");
  const form = document.getElementById("filters");
  const search = form.elements.q;
  const selects = [...form.querySelectorAll("select")];
  const status = document.getElementById("shown");
  const printing = matchMedia("print");
  const words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

  // The page is the same for the same registry; only its reader knows what day it is.
  const today = Date.parse(new Date().toISOString().slice(0, 10));
  const expiry = (body) => {
    const time = body.querySelector("time");
    if (!time) return "";
    const days = Math.round((Date.parse(time.dateTime) - today) / DAY);
    if (days > access.dataset.warningDays) return "";
    const note = document.createElement("strong");
    note.className = "warn";
    note.textContent = days < 0 ? "expired" : days === 0 ? "expires today" : days === 1 ? "1 day left" : `${days} days left`;
    time.parentElement.after(note);
    return days < 0 ? "expired" : "soon";
  };

  const clients = [...access.tBodies].map((body) => {
    const state = expiry(body);
    const heads = [...body.querySelectorAll(".of-client")];
    const ofClient = heads.map((cell) => cell.textContent).join(" ");
    const rows = [...body.rows].map((row) => {
      if (state) row.dataset.state += `\n${state}`;
      const own = [...row.cells].filter((cell) => !heads.includes(cell)).map((cell) => cell.textContent);
      return { row, text: words(`${ofClient} ${own.join(" ")}`).join(" ") };
    });
    return { body, heads, rows };
  });
  const total = clients.reduce((sum, { rows }) => sum + rows.length, 0);

  const count = (shown, all, noun) => `${shown === all ? all : `${shown} of ${all}`} ${noun}${all === 1 ? "" : "s"}`;

  const show = () => {
    const terms = words(search.value);
    const chosen = selects.filter((select) => select.value);
    const matches = ({ row, text }) =>
      chosen.every(({ name, value }) => row.dataset[name].split("\n").includes(value)) &&
      terms.every((term) => text.includes(term));
    let [grants, holders] = [0, 0];
    for (const { body, heads, rows } of clients) {
      const shown = rows.filter((row) => printing.matches || matches(row)).map(({ row }) => row);
      for (const { row } of rows) row.hidden = !shown.includes(row);
      body.hidden = !shown.length;
      if (!shown.length) continue;
      // The client's own cells span its shown rows, so they move to the first of them.
      shown[0].prepend(...heads);
      for (const cell of heads) cell.rowSpan = shown.length;
      grants += shown.length;
      holders += 1;
    }
    status.textContent = grants
      ? `${count(grants, total, "grant")} to ${count(holders, clients.length, "client")}`
      : "Nothing matches. Escape clears the search and the filters.";
    status.classList.toggle("warn", !grants);
    for (const select of selects) select.classList.toggle("on", Boolean(select.value));
  };

  const remember = () => {
    const state = new URLSearchParams([...new FormData(form)].filter(([, value]) => value)).toString();
    history.replaceState(null, "", state ? `#${state}` : location.pathname + location.search);
  };

  const clear = () => {
    for (const field of [search, ...selects]) field.value = "";
    show();
    remember();
    search.focus();
  };

  const recall = () => {
    const state = new URLSearchParams(location.hash.slice(1));
    search.value = state.get("q") ?? "";
    for (const select of selects) {
      const value = state.get(select.name) ?? "";
      select.value = [...select.options].some((option) => option.value === value) ? value : "";
    }
    show();
  };

  form.addEventListener("input", () => { show(); remember(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.elements.clear.addEventListener("click", clear);
  addEventListener("hashchange", recall);
  printing.addEventListener("change", show);
  addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "/" && !target.closest("input, select")) {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "Escape" && !target.closest("select")) {
      // In a select, Escape closes its list.
      clear();
    }
  });

  form.hidden = false;
  recall();
})();
